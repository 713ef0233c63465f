//! Changing what principals may do, and becoming other principals.

use super::{
    LeadsTo, Method,
    Need::{Assume, Caller, New, Policy, Target},
    Password, method,
};

pub(super) const METHODS: &[Method] = &[
    // Writing the policies of oneself, or of somebody whom one can be.
    method("iam-001", LeadsTo::EverythingByPolicy, &[Caller("iam:CreatePolicyVersion")]),
    method(
        "iam-set-default-policy-version",
        LeadsTo::EarlierVersion,
        &[Caller("iam:SetDefaultPolicyVersion")],
    ),
    method("iam-007", LeadsTo::EverythingAsUser, &[Caller("iam:PutUserPolicy")]),
    method("iam-008", LeadsTo::EverythingAsUser, &[Caller("iam:AttachUserPolicy")]),
    method("iam-005", LeadsTo::EverythingAsRole, &[Caller("iam:PutRolePolicy")]),
    method("iam-009", LeadsTo::EverythingAsRole, &[Caller("iam:AttachRolePolicy")]),
    method("iam-011", LeadsTo::EverythingAsMember, &[Caller("iam:PutGroupPolicy")]),
    method("iam-010", LeadsTo::EverythingAsMember, &[Caller("iam:AttachGroupPolicy")]),
    method("iam-013", LeadsTo::Group, &[Target("iam:AddUserToGroup")]),
    method("iam-022", LeadsTo::UserUnbound, &[Caller("iam:DeleteUserPermissionsBoundary")]),
    method("iam-023", LeadsTo::RoleUnbound, &[Caller("iam:DeleteRolePermissionsBoundary")]),
    // The boundary is replaced by one that bounds nothing.
    method("iam-put-user-boundary", LeadsTo::UserUnbound, &[Caller("iam:PutUserPermissionsBoundary")]),
    method("iam-put-role-boundary", LeadsTo::RoleUnbound, &[Caller("iam:PutRolePermissionsBoundary")]),
    // Making somebody.
    method("iam-new-role-attach", LeadsTo::NewRole, &[New("iam:CreateRole"), New("iam:AttachRolePolicy")]),
    method("iam-new-role-put", LeadsTo::NewRole, &[New("iam:CreateRole"), New("iam:PutRolePolicy")]),
    method(
        "iam-new-user-attach",
        LeadsTo::NewUser,
        &[New("iam:CreateUser"), New("iam:AttachUserPolicy"), New("iam:CreateAccessKey")],
    ),
    method(
        "iam-new-user-put",
        LeadsTo::NewUser,
        &[New("iam:CreateUser"), New("iam:PutUserPolicy"), New("iam:CreateAccessKey")],
    ),
    method(
        "iam-new-user-attach-password",
        LeadsTo::NewUser,
        &[New("iam:CreateUser"), New("iam:AttachUserPolicy"), New("iam:CreateLoginProfile")],
    ),
    method(
        "iam-new-user-put-password",
        LeadsTo::NewUser,
        &[New("iam:CreateUser"), New("iam:PutUserPolicy"), New("iam:CreateLoginProfile")],
    ),
    method(
        "iam-new-member",
        LeadsTo::NewMember,
        &[New("iam:CreateUser"), Target("iam:AddUserToGroup"), New("iam:CreateAccessKey")],
    ),
    method(
        "iam-new-member-password",
        LeadsTo::NewMember,
        &[New("iam:CreateUser"), Target("iam:AddUserToGroup"), New("iam:CreateLoginProfile")],
    ),
    // Becoming somebody else.
    method("sts-001", LeadsTo::Role, &[Assume]),
    method("iam-012", LeadsTo::Role, &[Target("iam:UpdateAssumeRolePolicy")]),
    method("iam-002", LeadsTo::User(Password::SpareKey), &[Target("iam:CreateAccessKey")]),
    method(
        "iam-003",
        LeadsTo::User(Password::Any),
        &[Target("iam:CreateAccessKey"), Target("iam:DeleteAccessKey")],
    ),
    method("iam-004", LeadsTo::User(Password::No), &[Target("iam:CreateLoginProfile")]),
    method("iam-006", LeadsTo::User(Password::Yes), &[Target("iam:UpdateLoginProfile")]),
    // Becoming somebody else whose policies one writes: these combinations have names.
    method("iam-014", LeadsTo::EverythingAsOtherRole, &[Target("iam:AttachRolePolicy"), Assume]),
    method("iam-016", LeadsTo::EverythingAsOtherRole, &[Policy("iam:CreatePolicyVersion"), Assume]),
    method("iam-017", LeadsTo::EverythingAsOtherRole, &[Target("iam:PutRolePolicy"), Assume]),
    method(
        "iam-019",
        LeadsTo::EverythingAsOtherRole,
        &[Target("iam:AttachRolePolicy"), Target("iam:UpdateAssumeRolePolicy")],
    ),
    method(
        "iam-020",
        LeadsTo::EverythingAsOtherRole,
        &[Policy("iam:CreatePolicyVersion"), Target("iam:UpdateAssumeRolePolicy")],
    ),
    method(
        "iam-021",
        LeadsTo::EverythingAsOtherRole,
        &[Target("iam:PutRolePolicy"), Target("iam:UpdateAssumeRolePolicy")],
    ),
    method(
        "iam-015",
        LeadsTo::EverythingAsOtherUser,
        &[Target("iam:AttachUserPolicy"), Target("iam:CreateAccessKey")],
    ),
    method(
        "iam-018",
        LeadsTo::EverythingAsOtherUser,
        &[Target("iam:PutUserPolicy"), Target("iam:CreateAccessKey")],
    ),
    // Identity Center's own operations change the roles that IAM's may not; whom they reach is not looked at.
    method(
        "sso-001",
        LeadsTo::Elsewhere,
        &[
            super::Need::Some("sso:CreatePermissionSet"),
            super::Need::Some("sso:AttachManagedPolicyToPermissionSet"),
            super::Need::Some("sso:CreateAccountAssignment"),
        ],
    ),
    method("sso-002", LeadsTo::Elsewhere, &[super::Need::Some("sso:AttachManagedPolicyToPermissionSet")]),
    method("sso-003", LeadsTo::Elsewhere, &[super::Need::Some("sso:PutInlinePolicyToPermissionSet")]),
];
