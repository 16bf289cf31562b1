internal import Messages

/// Breaks a text into lines of at most `width` columns: at spaces where the words are short enough,
/// and otherwise within a word, so that nothing is lost.
func broken(_ text: String, to width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    let fits = line.isEmpty || line.displayWidth + 1 + word.displayWidth <= width
    if fits {
      line += line.isEmpty ? String(word) : " \(word)"
    } else {
      lines.append(line)
      line = String(word)
    }
    while line.displayWidth > width {
      var head = ""
      var columns = 0
      for character in line {
        let next = columns + String(character).displayWidth
        if next > width, !head.isEmpty { break }
        head.append(character)
        columns = next
      }
      lines.append(head)
      line = String(line.dropFirst(head.count))
    }
  }
  return line.isEmpty ? lines : lines + [line]
}
