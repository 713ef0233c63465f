//! Certificate Manager.

mod certificate_expiring;

super::checks! {
    certificate_expiring
}
