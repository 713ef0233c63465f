//! IAM Identity Center.

service! {
    /// IAM Identity Center of one region.
    IdentityCenter, Regional;

    op("SSO Admin", "sso", UNPUBLISHED) {
        IdentityCenterInstances [ListInstances] =>
            /// ARNs of the instances that the account can see: its own, and the organization's.
            instances: Vec<String>;
    }
}
