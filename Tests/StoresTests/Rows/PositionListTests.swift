import Stores
import Testing

@Suite("PositionList")
struct PositionListTests {
  private func list(_ positions: some Sequence<Int>) -> PositionList {
    var list = PositionList()
    for position in positions { list.append(position) }
    return list
  }

  @Test("neighbours become ranges; what is not kept is still counted")
  func ranges() {
    #expect("\(list([]))" == "")
    #expect("\(list([3]))" == "3")
    #expect("\(list([3, 4, 5, 9]))" == "3–5, 9")
    #expect(list(2..<7) == PositionList(2..<7))
    #expect(PositionList(5..<5).count == 0)
    let many = list(stride(from: 0, to: 200, by: 2))
    #expect(many.count == 100 && many.ranges.count == PositionList.rangeLimit)
    #expect("\(many)".hasSuffix("36, 38 and 80 more"))
    // After the first position that is not kept, no later position is kept.
    let gap = list(Array(stride(from: 0, through: 40, by: 2)) + [41, 42])
    #expect(gap.ranges.last == 38...38 && gap.count == 23)
  }
}
