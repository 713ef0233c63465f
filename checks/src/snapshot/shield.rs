//! AWS Shield.

service! {
    /// Protection against denial of service, of the account as a whole.
    Shield, Global;

    op("Shield", "shield", UNPUBLISHED) {
        ShieldSubscription [GetSubscriptionState] =>
            /// The account is subscribed to Shield Advanced.
            subscribed: bool;
        ShieldProtections needs ShieldSubscription [ListProtections] =>
            /// ARNs of the resources that Shield Advanced protects.
            protections: Vec<String>;
    }
}
