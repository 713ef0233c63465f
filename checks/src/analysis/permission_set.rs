//! What a permission set of IAM Identity Center lets those do to whom it is assigned.

use super::{
    identity::ADMINISTRATOR_ACCESS,
    policy::{
        Documents,
        effective::{Permissions, Source},
    },
};
use crate::{
    gap::{Gaps, NotJudged},
    snapshot::{
        Snapshot,
        iam::op,
        identity_center::{Boundary, PermissionSet, op::GetInlinePolicyForPermissionSet},
    },
};

/// Whether whoever has the permission set administers the account that it is assigned in.
///
/// The policies that each account has of its own are looked up in this one: a permission set cannot be in an account that
/// lacks one of its policies (IAM Identity Center User Guide, "Custom permissions").
///
/// # Errors
/// When it could not be read; [`NotJudged::NotApplicable`] where it rests on policies that this account does not have.
pub fn administers<'a>(
    snapshot: &'a Snapshot,
    documents: &Documents<'a>,
    set: &'a PermissionSet,
) -> Result<bool, NotJudged> {
    let reader = Reader { snapshot, documents };
    let (mut unread, mut is_elsewhere) = (Gaps::default(), false);
    let inline = set.inline_policy.as_ref().map(|text| {
        let policy = documents.read(text, GetInlinePolicyForPermissionSet, None, &set.arn)?;
        Ok(Some(Source { name: set.name.as_str().into(), policy }))
    });
    let managed = set.managed_policies.iter().map(|arn| reader.managed(arn));
    let customer_managed = set.customer_managed_policies.iter().map(|name| {
        let found = reader.customer_managed(name)?;
        is_elsewhere |= found.is_none();
        Ok(found)
    });
    let policies: Vec<_> = inline
        .into_iter()
        .chain(managed)
        .chain(customer_managed)
        .filter_map(|policy| unread.known(policy).flatten())
        .collect();
    let mut permissions = Permissions { policies, ..Permissions::default() };
    if permissions.administrator().is_none() {
        unread.unless(false)?;
        return if is_elsewhere { Err(NotJudged::NotApplicable) } else { Ok(false) };
    }
    let boundary = match &set.boundary {
        None => return Ok(true),
        Some(Boundary::Managed(arn)) => reader.managed(arn)?,
        Some(Boundary::CustomerManaged(name)) => {
            Some(reader.customer_managed(name)?.ok_or(NotJudged::NotApplicable)?)
        }
    };
    // Of AWS's own policies, AdministratorAccess alone leaves everything.
    let Some(boundary) = boundary else { return Ok(false) };
    permissions.boundary = Some(boundary);
    Ok(permissions.administrator().is_some())
}

struct Reader<'d, 'a> {
    snapshot: &'a Snapshot,
    documents: &'d Documents<'a>,
}

impl<'a> Reader<'_, 'a> {
    /// A managed policy of AWS; none where nothing in this account holds it, so that its text is not known.
    fn managed(&self, arn: &'a str) -> Result<Option<Source>, NotJudged> {
        if arn.ends_with(":aws:policy/AdministratorAccess") {
            return self.read(arn, ADMINISTRATOR_ACCESS).map(Some);
        }
        // What it allows is less; what it denies counts where it can be read.
        let Ok(authorization) = self.snapshot.iam.authorization.get() else { return Ok(None) };
        authorization.policy(arn).map(|policy| self.read(arn, &policy.document)).transpose()
    }

    /// A policy of the account's own, by path and name; none where the account does not have it.
    fn customer_managed(&self, name: &str) -> Result<Option<Source>, NotJudged> {
        let account = &self.snapshot.account;
        let arn = format!("arn:{}:iam::{}:policy{name}", account.partition, account.id);
        let policy = self.snapshot.iam.authorization.get()?.policy(&arn);
        policy.map(|policy| self.read(&policy.arn, &policy.document)).transpose()
    }

    fn read(&self, arn: &str, document: &'a str) -> Result<Source, NotJudged> {
        let policy = self.documents.read(document, op::GetAccountAuthorizationDetails, None, arn)?;
        Ok(Source { name: arn.into(), policy })
    }
}
