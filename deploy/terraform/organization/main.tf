# The member role in every account of the organization, by the same template that CloudFormation users take: a StackSet
# with service-managed permissions gives it to new accounts, too. The management account is not in it (AWS
# CloudFormation User Guide, "Create StackSets with service-managed permissions"): ../role is for that.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

variable "hub_account_id" {
  description = "Account that scans start from"
  type        = string
}

variable "hub_role_name" {
  description = "Name of the role there"
  type        = string
  default     = "aws-audit-hub"
}

variable "external_id" {
  description = "What the caller has to name besides; empty for nothing"
  type        = string
  default     = ""
}

variable "organizational_unit_ids" {
  description = "Roots or organizational units whose accounts get the role"
  type        = list(string)
}

variable "call_as" {
  description = "SELF in the management account, DELEGATED_ADMIN in a delegated administrator's"
  type        = string
  default     = "SELF"
}

data "aws_organizations_organization" "current" {}

data "aws_region" "current" {}

resource "aws_cloudformation_stack_set" "member_role" {
  name             = "aws-audit-member-role"
  description      = "The role that aws-audit reads accounts with"
  permission_model = "SERVICE_MANAGED"
  call_as          = var.call_as
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = file("${path.module}/../../member-role.yaml")

  parameters = {
    HubAccountId   = var.hub_account_id
    HubRoleName    = var.hub_role_name
    OrganizationId = data.aws_organizations_organization.current.id
    ExternalId     = var.external_id
  }

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  operation_preferences {
    failure_tolerance_percentage = 100
    max_concurrent_percentage    = 100
  }

  lifecycle {
    # AWS fills it in for service-managed permissions.
    ignore_changes = [administration_role_arn]
  }
}

# IAM is global: one Region is enough.
resource "aws_cloudformation_stack_set_instance" "member_role" {
  stack_set_name            = aws_cloudformation_stack_set.member_role.name
  call_as                   = var.call_as
  stack_set_instance_region = data.aws_region.current.region

  deployment_targets {
    organizational_unit_ids = var.organizational_unit_ids
  }
}
