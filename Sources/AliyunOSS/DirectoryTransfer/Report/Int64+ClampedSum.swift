extension Int64 {
    /// The sum, or the nearest number there is: sizes are what a service or a sparse file says, and two of them may be too
    /// much for a total.
    func clampedSum(with other: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        guard overflows else { return sum }
        return other > 0 ? .max : .min
    }
}
