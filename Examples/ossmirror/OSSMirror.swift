import Foundation

@main
struct OSSMirror {
    static func main() async {
    }
}
