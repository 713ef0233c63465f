//! The account as a whole.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// Which account it is.
    Account, Global, with {
        /// Twelve digits.
        id: String,
        /// `aws`, `aws-cn`, `aws-us-gov`, …
        partition: String,
    };

    sts("STS", "sts", UNPUBLISHED) {
        /// Who is asking: account, ARN and partition. Always read.
        CallerIdentity [GetCallerIdentity];
    }

    iam("IAM", "iam", IAM) {
        AccountAlias [ListAccountAliases] =>
            /// The account's alias, if it has one.
            alias: Option<String>;
    }

    ec2("EC2", "ec2", EC2) {
        /// The regions and whether they are enabled. Always read, unless `--regions` names them.
        Regions [DescribeRegions];
    }

    account("Account", "account", UNPUBLISHED) {
        AlternateContacts [GetAlternateContact] =>
            /// The alternate contact for security; `None` when there is none.
            security_contact: Option<AlternateContact>;
        ContactInformation [GetContactInformation] =>
            /// Whether there are contact details: a name, a telephone number and an address.
            has_contact_information: bool = true;
    }
}

/// The account as a whole.
impl Judged for Account {
    const TYPE: &'static str = "AWS::::Account";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.root_arn()
    }
}

/// An alternate contact, without the personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlternateContact {
    /// Whether an e-mail address is set.
    pub has_email: bool,
    /// Whether a telephone number is set.
    pub has_phone: bool,
}
