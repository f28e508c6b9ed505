/// How the pages of a listing are chained.
public enum ListPaging: Sendable, Hashable {
    /// ListObjects: each page begins after a key (`marker`). Can be continued at any key, also on another day.
    case marker
    /// ListObjectsV2: each page begins at a token that only the service understands.
    case continuationToken

    /// The element that repeats where the page begins.
    var currentElement: String {
        switch self {
        case .marker: "Marker"
        case .continuationToken: "ContinuationToken"
        }
    }

    var nextElement: String {
        switch self {
        case .marker: "NextMarker"
        case .continuationToken: "NextContinuationToken"
        }
    }
}
