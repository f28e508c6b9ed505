/// An object of one prefix with the key that its copy has under another.
struct CopyEntry: TreeEntry {
    var key: ObjectKey
    var object: RemoteEntry
}
