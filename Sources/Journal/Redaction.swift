/// The text with passwords blanked that stand in it as in a URL or a connection string.
///
/// Callers give no secrets; this is the second lock on that door.
func withoutPasswords(_ text: String) -> String {
  let inAddress = /(:\/\/[^\s:@'"\/]*):[^\s'"]*@/
  let asSetting = /(?i)((?:password|master_key)\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s&'"]+)/
  return
    text
    .replacing(inAddress) { "\($0.output.1):***@" }
    .replacing(asSetting) { "\($0.output.1)***" }
}
