//! The account, and who may do what in it.

use aws_audit_checks::{
    check::Context,
    gap::{Collected, NotJudged},
    snapshot::{
        Region,
        account::{Account, AlternateContact},
        iam::{
            AccessKey, AttachedPolicy, Authorization, Credentials, Group, InlinePolicy, ManagedPolicy,
            PasswordPolicy, ReportedKey, Role, User,
        },
    },
};

use super::{Bool, Int, List, MapOf, Maybe, Text, Time, noun, object, store::BlockPublicAccess};

object! {
    SecurityContact(it: AlternateContact) {
        /// An e-mail address is set.
        has_email: Bool = it.has_email,
        /// A telephone number is set.
        has_phone: Bool = it.has_phone,
    }
    Passwords(it: PasswordPolicy) {
        /// Fewest characters.
        minimum_password_length: Int = it.minimum_length,
        /// An uppercase letter is required.
        require_uppercase_characters: Bool = it.require_uppercase,
        /// A lowercase letter is required.
        require_lowercase_characters: Bool = it.require_lowercase,
        /// A digit is required.
        require_numbers: Bool = it.require_numbers,
        /// A symbol is required.
        require_symbols: Bool = it.require_symbols,
        /// How many earlier passwords may not be used again.
        password_reuse_prevention: Maybe<Int> = it.reuse_prevention,
        /// Days until a password expires.
        max_password_age: Maybe<Int> = it.max_age_days,
        /// Whoever lets a password expire needs an administrator to sign in again.
        hard_expiry: Bool = it.hard_expiry,
        /// Users may change their own passwords.
        allow_users_to_change_password: Bool = it.users_may_change,
    }
    Inline(it: InlinePolicy) {
        /// Its name.
        name: Text = it.name,
        /// The document, as JSON text.
        document: Text = it.document,
    }
    Key(it: ReportedKey) {
        /// It exists and is active.
        active: Bool = it.active,
        /// When it was made.
        last_rotated: Maybe<Time> = it.last_rotated,
        /// When it was last used.
        last_used: Maybe<Time> = it.last_used,
    }
    Reported(it: Credentials) {
        /// There is a console password; null for root, of which AWS does not tell.
        password_enabled: Maybe<Bool> = it.password_enabled,
        /// When the password was last used.
        password_last_used: Maybe<Time> = it.password_last_used,
        /// When the password was last set.
        password_last_changed: Maybe<Time> = it.password_last_changed,
        /// An MFA device is active.
        mfa_active: Bool = it.mfa_active,
        /// The two access keys that a user can have.
        access_keys: List<Key> = it.access_keys[..],
        /// A signing certificate is active.
        certificate_active: Bool = it.certificate_active,
    }
}

/// An attached policy with its document.
struct Attached;

impl super::Shaped for Attached {
    fn shape() -> crate::shape::Shape {
        use crate::shape::{Field, Shape};
        let field = |name, about| Field { name, about, shape: Shape::Text };
        Shape::Object(vec![
            field("name", "Its name."),
            field("arn", "Its ARN."),
            field("document", "The document of its default version, as JSON text."),
        ])
    }
}

impl super::View<(&AttachedPolicy, Option<&ManagedPolicy>)> for Attached {
    fn view((policy, known): &(&AttachedPolicy, Option<&ManagedPolicy>)) -> crate::node::Node {
        use crate::node::Node;
        let document = match known {
            Some(policy) => Node::Text(policy.document.clone()),
            None => Node::not_given("document"),
        };
        let text = |text: &String| Node::Text(text.clone());
        let fields = [("name", text(&policy.name)), ("arn", text(&policy.arn)), ("document", document)];
        Node::Object(fields.map(|(name, node)| (name.to_owned(), node)).into())
    }
}

fn attached<'a>(
    cx: &Context<'a>,
    policies: &'a [AttachedPolicy],
) -> Vec<(&'a AttachedPolicy, Option<&'a ManagedPolicy>)> {
    let all = cx.snapshot.iam.authorization.known();
    policies.iter().map(|policy| (policy, all.and_then(|all| all.policy(&policy.arn)))).collect()
}

/// Judges each of a list of the account's authorization details.
fn of_authorization<'a, T: aws_audit_checks::snapshot::Judged + 'a>(
    cx: &mut Context<'a>,
    list: fn(&'a Authorization) -> &'a Vec<T>,
    judge: &mut dyn FnMut(&Context<'a>, &'a T) -> aws_audit_checks::finding::Judgement,
) {
    let authorization = &cx.snapshot.iam.authorization;
    cx.each(Ok(authorization.known().into_iter().flat_map(list)), |cx, it| judge(cx, it));
    if let Err(why) = authorization.get() {
        cx.unread(T::TYPES, why);
    }
}

/// The row of the credential report.
fn reported(cx: &Context<'_>, user: &str) -> Result<Credentials, NotJudged> {
    let report = cx.snapshot.iam.credential_report.get()?;
    let row = report.users.get(user).map(|user| user.credentials.clone());
    // A user that was made after the report.
    row.ok_or(NotJudged::NotApplicable)
}

/// What each region says.
fn by_region<'a, T: Clone>(
    cx: &Context<'a>,
    of: fn(&'a Region) -> &'a Collected<T>,
) -> std::collections::BTreeMap<String, Collected<T>> {
    cx.snapshot.regions.iter().map(|(name, region)| (name.clone(), of(region).clone())).collect()
}

noun! {
    ACCOUNT = "account", "The account as a whole", "アカウント全体": Account, cx, it;
    sources &[];
    each with |cx: &mut Context<'a>, judge: &mut dyn FnMut(&Context<'a>, &'a Account) -> _| {
        let account = &cx.snapshot.account;
        cx.one(account, |cx| judge(cx, account));
    };
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    partition: Text = it.partition,
    /// Its alias.
    alias: Maybe<Text> [AccountAlias] = it.alias,
    /// The alternate contact for security.
    security_contact: Maybe<SecurityContact> [AlternateContacts] = it.security_contact,
    /// There are contact details: a name, a telephone number and an address.
    has_contact_information: Bool [ContactInformation] = it.has_contact_information,
    /// Counts and quotas by IAM's names: `AccountMFAEnabled`, `AccountAccessKeysPresent`, `Users`, …
    summary: MapOf<Int> [IamSummary] = cx.snapshot.iam.summary,
    /// The password policy; null without one.
    password_policy: Maybe<Passwords> [IamPasswordPolicy] = cx.snapshot.iam.password_policy,
    /// What the credential report says of the root user.
    root: Maybe<Reported> [IamCredentialReport] = cx.snapshot.iam.credential_report.get().map(|report| &report.root),
    /// ARNs of SAML providers.
    saml_providers: List<Text> [IamSamlProviders] = cx.snapshot.iam.saml_providers,
    /// The account's block public access settings of S3.
    s3_public_access_block: BlockPublicAccess [S3AccountPublicAccessBlock] = cx.snapshot.s3.public_access_block,
    /// The organization that it is in; null outside organizations.
    organization_id: Maybe<Text> [Organization] =
        cx.organization().map(|organization| organization.map(|it| &it.id)),
    /// Whether new volumes are encrypted by default, by region.
    ebs_encryption_by_default: MapOf<Bool> [Ec2EbsEncryptionByDefault] = by_region(cx, |it| &it.ec2.ebs_encryption_by_default),
    /// Block public access of EBS snapshots, by region: `block-all-sharing`, `block-new-sharing` or `unblocked`.
    snapshot_block_public_access: MapOf<Text> [Ec2SnapshotBlockPublicAccess] =
        by_region(cx, |it| &it.ec2.snapshot_block_public_access),
    /// Block public access of machine images, by region: `block-new-sharing` or `unblocked`.
    image_block_public_access: MapOf<Text> [Ec2ImageBlockPublicAccess] =
        by_region(cx, |it| &it.ec2.image_block_public_access),
}

noun! {
    IAM_USER = "iam.user", "IAM user", "IAMユーザー": User, cx, it;
    sources &[Source::IamAuthorization];
    each with |cx: &mut Context<'a>, judge: &mut dyn FnMut(&Context<'a>, &'a User) -> _| {
        of_authorization(cx, |it| &it.users, judge);
    };
    /// When it was made.
    create_date: Time = it.created,
    /// Names of the groups that it is in.
    groups: List<Text> = it.groups,
    /// Inline policies.
    inline_policies: List<Inline> = it.inline_policies,
    /// Managed policies attached to the user itself.
    attached_policies: List<Attached> = attached(cx, &it.attached_policies),
    /// ARN of the permissions boundary.
    permissions_boundary: Maybe<Text> = it.permissions_boundary,
    /// What the credential report says of it.
    credentials: Reported [IamCredentialReport] = reported(cx, &it.name),
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    IAM_GROUP = "iam.group", "IAM group", "IAMグループ": Group, cx, it;
    sources &[Source::IamAuthorization];
    each with |cx: &mut Context<'a>, judge: &mut dyn FnMut(&Context<'a>, &'a Group) -> _| {
        of_authorization(cx, |it| &it.groups, judge);
    };
    /// Inline policies.
    inline_policies: List<Inline> = it.inline_policies,
    /// Managed policies attached to it.
    attached_policies: List<Attached> = attached(cx, &it.attached_policies),
}

noun! {
    IAM_ROLE = "iam.role", "IAM role", "IAMロール": Role, cx, it;
    sources &[Source::IamAuthorization];
    each with |cx: &mut Context<'a>, judge: &mut dyn FnMut(&Context<'a>, &'a Role) -> _| {
        of_authorization(cx, |it| &it.roles, judge);
    };
    public by "iam-role-trust-public";
    /// Its path: `/aws-service-role/…` for a service-linked role.
    path: Text = it.path,
    /// When it was made.
    create_date: Time = it.created,
    /// The trust policy, as JSON text.
    assume_role_policy_document: Text = it.assume_role_policy,
    /// Inline policies.
    inline_policies: List<Inline> = it.inline_policies,
    /// Managed policies attached to it.
    attached_policies: List<Attached> = attached(cx, &it.attached_policies),
    /// ARN of the permissions boundary.
    permissions_boundary: Maybe<Text> = it.permissions_boundary,
    /// ARNs of the instance profiles that hold it.
    instance_profiles: List<Text> = it.instance_profiles,
    /// When it was last used; null when not within the last 400 days.
    last_used_date: Maybe<Time> = it.last_used,
    /// AWS owns it.
    is_service_linked: Bool = it.is_service_linked(),
    /// IAM Identity Center made it for a permission set.
    is_identity_center: Bool = it.is_identity_center(),
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    IAM_POLICY = "iam.policy", "IAM managed policy: the customer's, and AWS's that is attached", "IAM管理ポリシー（カスタマー管理、およびアタッチされたAWS管理）": ManagedPolicy, cx, it;
    sources &[Source::IamAuthorization];
    each with |cx: &mut Context<'a>, judge: &mut dyn FnMut(&Context<'a>, &'a ManagedPolicy) -> _| {
        of_authorization(cx, |it| &it.policies, judge);
    };
    /// How many users, groups and roles it is attached to.
    attachment_count: Int = it.attachment_count,
    /// How many users and roles have it as their permissions boundary.
    permissions_boundary_usage_count: Int = it.boundary_usage_count,
    /// Id of the default version, e.g. `v3`.
    default_version_id: Text = it.default_version,
    /// The default version's document, as JSON text.
    document: Text = it.document,
    /// Other versions' documents by id.
    other_versions: MapOf<Text> = it.other_versions,
    /// AWS owns it.
    is_aws_managed: Bool = it.is_aws_managed(),
}

noun! {
    IAM_ACCESS_KEY = "iam.access_key", "Access key of an IAM user", "IAMユーザーのアクセスキー": AccessKey, cx, it;
    sources &[Source::IamAccessKeys];
    each with |cx: &mut Context<'a>, judge: &mut dyn FnMut(&Context<'a>, &'a AccessKey) -> _| {
        let keys = &cx.snapshot.iam.access_keys;
        for user in keys.known().into_iter().flatten() {
            cx.each_known(&user.keys, |cx, key| judge(cx, key));
        }
        if let Err(why) = keys.get() {
            cx.unread(<AccessKey as Judged>::TYPES, why);
        }
    };
    /// Name of its user.
    user_name: Text = it.user,
    /// It is active, not deactivated.
    is_active: Bool = it.active,
    /// When it was made.
    create_date: Time = it.created,
}
