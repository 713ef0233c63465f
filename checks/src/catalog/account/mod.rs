//! The account as a whole.

mod security_contact;

super::checks! {
    security_contact
}
