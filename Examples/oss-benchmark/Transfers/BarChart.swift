import Foundation

/// A chart of horizontal bars in groups, as an SVG image. Each group has its own scale.
struct BarChart {
    struct Bar {
        var label: String
        var value: Double
        /// Text after the bar.
        var text: String
        var isEmphasized: Bool
    }

    struct Group {
        var title: String
        var bars: [Bar]
    }

    private static let width = 860.0
    private static let labelWidth = 240.0
    private static let barWidth = 460.0
    private static let rowHeight = 22.0

    var title: String
    var groups: [Group]

    var svg: String {
        var (elements, y) = ([Self.text(title, x: 12, y: 24, weight: "bold", size: 15)], 44.0)
        for group in groups where !group.bars.isEmpty {
            y += 18
            elements.append(Self.text(group.title, x: 12, y: y, weight: "bold"))
            y += 8
            let longest = group.bars.map(\.value).max() ?? 1
            for bar in group.bars {
                let length = longest > 0 ? max(1, bar.value / longest * Self.barWidth) : 1
                elements.append(
                    Self.text(bar.label, x: Self.labelWidth - 8, y: y + 15, anchor: "end"))
                elements.append(
                    "<rect x=\"\(Self.labelWidth)\" y=\"\(y + 3)\" width=\"\(Self.rounded(length))\" "
                        + "height=\"\(Self.rowHeight - 6)\" fill=\"\(bar.isEmphasized ? "#e8590c" : "#868e96")\"/>")
                elements.append(Self.text(bar.text, x: Self.labelWidth + length + 6, y: y + 15))
                y += Self.rowHeight
            }
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(y + 16))" \
            font-family="system-ui, sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="#ffffff"/>
            \(elements.joined(separator: "\n"))
            </svg>

            """
    }

    private static func text(
        _ text: String, x: Double, y: Double, anchor: String = "start", weight: String = "normal", size: Int = 12
    ) -> String {
        let escaped = text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        return "<text x=\"\(rounded(x))\" y=\"\(rounded(y))\" text-anchor=\"\(anchor)\" font-weight=\"\(weight)\" "
            + "font-size=\"\(size)\" fill=\"#212529\">\(escaped)</text>"
    }

    private static func rounded(_ value: Double) -> String { String(format: "%.1f", value) }
}
