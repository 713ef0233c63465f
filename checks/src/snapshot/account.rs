//! The account as a whole.

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Which account it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: String,
    /// The account's alias, if it has one.
    pub alias: Collected<Option<String>>,
    /// The alternate contact for security; `None` when there is none.
    pub security_contact: Collected<Option<AlternateContact>>,
    /// Whether there are contact details: a name, a telephone number and an address.
    pub has_contact_information: Collected<bool>,
}

/// An alternate contact, without the personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlternateContact {
    /// Whether an e-mail address is set.
    pub has_email: bool,
    /// Whether a telephone number is set.
    pub has_phone: bool,
}
