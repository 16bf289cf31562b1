/// Replaces the passwords that a text contains as part of a URL or a connection string.
///
/// Callers must pass no secrets: this function is only a second protection.
func withoutPasswords(_ text: String) -> String {
  let inAddress = /(:\/\/[^\s:@'"\/]*):[^\s'"]*@/
  let asSetting = /(?i)((?:password|master_key)\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s&'"]+)/
  return
    text
    .replacing(inAddress) { "\($0.output.1):***@" }
    .replacing(asSetting) { "\($0.output.1)***" }
}
