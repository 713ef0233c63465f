//! The account as a whole.

mod contact;
mod security_contact;

super::checks! {
    contact
    security_contact
}
