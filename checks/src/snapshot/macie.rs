//! Macie.

service! {
    /// Macie of one region.
    Macie, Regional;

    op("Macie2", "macie2", UNPUBLISHED) {
        MacieSession [GetMacieSession] =>
            /// `ENABLED` or `PAUSED`; none where it was never enabled.
            status: Option<String>;
        MacieAutomatedDiscovery needs MacieSession [
            GetAdministratorAccount,
            GetAutomatedDiscoveryConfiguration,
        ] =>
            /// It looks for sensitive data by itself; none where Macie is not enabled, or another account, its
            /// administrator, decides.
            automated_discovery: Option<bool> = Some(false);
    }
}
