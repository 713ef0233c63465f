//! Detective.

service! {
    /// Detective of one region.
    Detective, Regional;

    op("Detective", "detective", UNPUBLISHED) {
        DetectiveGraphs needs GuardDutyDetectors [ListGraphs, ListInvitations] =>
            /// ARNs of the behavior graphs that the account owns or else has joined. Not asked where no detector of
            /// GuardDuty is enabled.
            graphs: Vec<String>;
    }
}
