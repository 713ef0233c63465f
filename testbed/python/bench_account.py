"""The account "medium" of `cargo xtask bench`, in the terms of AWS's API. bench.py turns it into testbed/bench/answers.jsonl.

In texts, about the item that is written:

- «n»: its number in the account, of five digits or more; «hex»: the same as EC2 writes ids; «uuid»: as a UUID
- «n:KIND», «hex:KIND», «uuid:KIND»: those of an item of another kind that is in the same region
- «account», «region»: what they say; «where»: the region that an item of a list of the whole account is in; «arg:NAME»: what the request has under that name
- «now-10d», «epoch-10d»: times in RFC 3339 and in seconds, whole days before the scan

Members that are times have just `-10d`.
"""

import json
import re
from urllib.parse import quote

HOME = "us-east-1"
# What part of the account each region has: one is where the work is done, a few are used, the others hold what
# somebody tried. In the order of DescribeRegions.
REGIONS = {"ap-northeast-1": 4, "ap-northeast-2": 1, "ap-northeast-3": 1, "ap-south-1": 1, "ap-southeast-1": 1, "ap-southeast-2": 1,
           "ca-central-1": 1, "eu-central-1": 2, "eu-north-1": 1, "eu-west-1": 4, "eu-west-2": 1, "eu-west-3": 1, "sa-east-1": 1,
           "us-east-1": 8, "us-east-2": 1, "us-west-1": 1, "us-west-2": 2}
# How many there are: in the account (over its regions by the parts above), multiplied by --scale; in each region;
# in these regions. What is in each or in certain regions is not multiplied: no account has a thousand web ACLs.
# Those that are global are listed wherever one asks.
KINDS = {
    "user": {"account": 60, "global": True}, "group": {"account": 10, "global": True}, "role": {"account": 80, "global": True},
    "policy": {"account": 40, "global": True}, "awspolicy": {"places": {HOME: 1400}, "global": True},
    "admin": {"places": {HOME: 1}, "global": True}, "readonly": {"places": {HOME: 1}, "global": True},
    "bucket": {"account": 150, "global": True}, "distribution": {"account": 6, "global": True},
    "zone": {"account": 8, "global": True}, "region": {"each": 1, "global": True},
    "vpc": {"each": 2}, "subnet": {"each": 6},
    "sg": {"account": 400}, "instance": {"account": 120}, "volume": {"account": 160}, "snapshot": {"account": 120},
    "image": {"account": 12}, "template": {"account": 12}, "address": {"account": 20}, "endpoint": {"account": 20},
    "db": {"account": 40}, "cluster": {"account": 10}, "dbsnapshot": {"account": 60},
    "function": {"account": 60}, "balancer": {"account": 24}, "target": {"account": 36},
    "acl": {"places": {"ap-northeast-1": 1, "eu-west-1": 11, "us-east-1": 3, "us-west-2": 1}}, "globalacl": {"places": {"us-east-1": 2}},
    "loggroup": {"account": 150}, "key": {"account": 50}, "secret": {"account": 60}, "parameter": {"account": 80},
    "topic": {"account": 40}, "queue": {"account": 40}, "table": {"account": 40}, "repository": {"account": 30},
    "certificate": {"account": 24}, "stack": {"account": 60}, "rule": {"account": 30}, "api": {"account": 16}, "httpapi": {"account": 12},
    "ecs": {"account": 6}, "service": {"account": 24}, "family": {"account": 24}, "eks": {"account": 4}, "filesystem": {"account": 8}, "project": {"account": 12},
    "machine": {"account": 12}, "pool": {"account": 4}, "cache": {"account": 8}, "trail": {"places": {"us-east-1": 1}},
    "detector": {"each": 1}, "filter": {"places": {"us-east-1": 14}}, 
}
# The largest pages, where the model does not tell (the operations' pages in the API references).
MOST = {
    "rds:DescribeDBInstances": 100, "rds:DescribeDBClusters": 100, "rds:DescribeDBSnapshots": 100, "rds:DescribeDBClusterSnapshots": 100,
    "elasticloadbalancing:DescribeLoadBalancers": 400, "elasticloadbalancing:DescribeTargetGroups": 400,
    "elasticache:DescribeReplicationGroups": 100, "cloudformation:DescribeStacks": 100, "sns:ListTopics": 100,
    "lambda:ListFunctions": 50, "iam:GetAccountAuthorizationDetails": 300, "eks:ListClusters": 100,
    "states:ListStateMachines": 100, "codebuild:ListProjects": 100,
}

A = "arn:aws:"
HERE = "«region»:«account»"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))


def allow(actions, resources="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def trust(**principal):
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def encoded(text):
    """As IAM writes documents."""
    return "".join(part if part.startswith("«") else quote(part, safe="") for part in re.split("(«[^»]*»)", text))


def tags(name):
    return [{"Key": "Name", "Value": name}, {"Key": "team", "Value": "team-«n»"}]


def one(*lists, **more):
    """A list, or several: of what kind, under what name, and the items, of which each next is the next one."""
    return {"lists": [(path, kind, items) for kind, path, items in lists], **more}


def missing(code, message="It does not exist.", status=404):
    return status, code, message


ADMIN = {"PolicyName": "AdministratorAccess", "PolicyArn": f"{A}iam::aws:policy/AdministratorAccess"}
OWN = {"PolicyName": "policy-«n:policy»", "PolicyArn": f"{A}iam::«account»:policy/policy-«n:policy»"}
READ = {"PolicyName": "ReadOnlyAccess", "PolicyArn": f"{A}iam::aws:policy/ReadOnlyAccess"}
BUCKETS = allow(["s3:GetObject", "s3:PutObject", "s3:ListBucket"], [f"{A}s3:::bucket-«n:bucket»", f"{A}s3:::bucket-«n:bucket»/*"])


def user(**more):
    return {"Path": "/", "UserName": "user-«n»", "UserId": "AIDA4QWERTY0«n»", "Arn": f"{A}iam::«account»:user/user-«n»",
            "CreateDate": "-700d", "UserPolicyList": [], "GroupList": ["group-«n:group»"], "AttachedManagedPolicies": [], **more}


def role(service, **more):
    document = trust(Service=f"{service}.amazonaws.com") if service else trust(AWS=f"{A}iam::«account»:root")
    return {"Path": "/", "RoleName": "role-«n»", "RoleId": "AROA4QWERTY0«n»", "Arn": f"{A}iam::«account»:role/role-«n»",
            "CreateDate": "-600d", "AssumeRolePolicyDocument": encoded(document), "InstanceProfileList": [],
            "RolePolicyList": [], "AttachedManagedPolicies": [OWN], "Tags": tags("role-«n»"),
            "RoleLastUsed": {"LastUsedDate": "-3d", "Region": HOME}, **more}


def inline(name, *statements):
    return [{"PolicyName": name, "PolicyDocument": encoded(policy(*statements))}]


def profile(name):
    return {"Path": "/", "InstanceProfileName": name, "InstanceProfileId": "AIPA4QWERTY0«n»", "Arn": f"{A}iam::«account»:instance-profile/{name}",
            "CreateDate": "-600d", "Roles": []}


def managed(*statements):
    return {"PolicyName": "policy-«n»", "PolicyId": "ANPA4QWERTY0«n»", "Arn": f"{A}iam::«account»:policy/policy-«n»", "Path": "/",
            "DefaultVersionId": "v1", "AttachmentCount": 2, "PermissionsBoundaryUsageCount": 0, "IsAttachable": True, "CreateDate": "-500d",
            "UpdateDate": "-90d", "PolicyVersionList": [{"Document": encoded(policy(*statements)), "VersionId": "v1", "IsDefaultVersion": True,
                                                         "CreateDate": "-90d"}]}


def of_aws(name, held, *statements):
    return {**managed(*statements), "PolicyName": name, "PolicyId": f"ANPAAWS0«n»{name[:3].upper()}", "Arn": f"{A}iam::aws:policy/{name}", "AttachmentCount": held}


IAM = {
    "iam:GetAccountAuthorizationDetails": [one(
        ("user", "UserDetailList", [user(), user(), user(UserPolicyList=inline("deploy", BUCKETS)), user(),
                                    user(AttachedManagedPolicies=[READ]), user(), user(), user(GroupList=[]), user(),
                                    user(AttachedManagedPolicies=[ADMIN])]),
        ("group", "GroupDetailList", [{"Path": "/", "GroupName": "group-«n»", "GroupId": "AGPA4QWERTY0«n»", "Arn": f"{A}iam::«account»:group/group-«n»",
                                       "CreateDate": "-900d", "GroupPolicyList": [], "AttachedManagedPolicies": [OWN, READ]}]),
        ("role", "RoleDetailList", [role("ec2", InstanceProfileList=[profile("profile-«n»")], RolePolicyList=inline("data", BUCKETS)), role("lambda"), role("lambda"),
                                    role("ecs-tasks", RolePolicyList=inline("queue", allow(["sqs:*"], f"{A}sqs:*:«account»:queue-«n:queue»"))),
                                    role("codebuild", RolePolicyList=inline("pass", allow("iam:PassRole", f"{A}iam::«account»:role/role-«n»"))),
                                    role(None), role("rds"), role("lambda", AttachedManagedPolicies=[OWN, READ])]),
        # AWS lists its own policies too, whether anybody holds them or not.
        ("awspolicy", "Policies", [of_aws("Bench«n»", 0, *[allow([f"service{at}:Get*", f"service{at}:List*", f"service{at}:Describe*"]) for at in range(20)])]),
        ("admin", "Policies", [of_aws("AdministratorAccess", 3, allow("*"))]),
        ("readonly", "Policies", [of_aws("ReadOnlyAccess", 9, *[allow([f"service{at}:Get*", f"service{at}:List*"]) for at in range(300)])]),
        ("policy", "Policies", [managed(BUCKETS), managed(allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{A}logs:*:«account»:*")),
                                managed(allow(["dynamodb:GetItem", "dynamodb:Query"], f"{A}dynamodb:*:«account»:table/table-«n:table»")),
                                managed(allow(["ec2:Describe*", "cloudwatch:Get*"])), managed(allow("s3:*"))]),
    )],
    "iam:ListInstanceProfiles": [],
    "iam:ListVirtualMFADevices": [one(("user", "VirtualMFADevices", [
        {"SerialNumber": f"{A}iam::«account»:mfa/user-«n»", "EnableDate": "-500d",
         "User": {"Path": "/", "UserName": "user-«n»", "UserId": "AIDA4QWERTY0«n»", "Arn": f"{A}iam::«account»:user/user-«n»", "CreateDate": "-700d"}}]))],
    "iam:ListAccountAliases": [{"bodies": [{"AccountAliases": ["bench"], "IsTruncated": False}]}],
    "iam:ListOpenIDConnectProviders": [{"bodies": [{"OpenIDConnectProviderList": [
        {"Arn": f"{A}iam::«account»:oidc-provider/token.actions.githubusercontent.com"}]}]}],
    "iam:GetOpenIDConnectProvider": [{"bodies": [{"Url": "token.actions.githubusercontent.com", "ClientIDList": ["sts.amazonaws.com"],
                                                  "ThumbprintList": ["6938fd4d98bab03faadb97b34396831e3780aea1"], "CreateDate": "-400d"}]}],
    "iam:GetAccountPasswordPolicy": [{"bodies": [{"PasswordPolicy": {
        "MinimumPasswordLength": 14, "RequireSymbols": True, "RequireNumbers": True, "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True, "AllowUsersToChangePassword": True, "ExpirePasswords": False, "PasswordReusePrevention": 24}}]}],
    "iam:GetAccountSummary": [{"bodies": [{"SummaryMap": {
        "AccessKeysPerUserQuota": 2, "AccountAccessKeysPresent": 0, "AccountMFAEnabled": 1, "AccountPasswordPresent": 1,
        "AccountSigningCertificatesPresent": 0, "Groups": 10, "GroupsQuota": 300, "MFADevices": 60, "MFADevicesInUse": 60, "Policies": 40,
        "PoliciesQuota": 1500, "Providers": 1, "Roles": 80, "RolesQuota": 1000, "ServerCertificates": 0, "ServerCertificatesQuota": 20,
        "Users": 60, "UsersQuota": 5000}}]}],
    "iam:GenerateCredentialReport": [{"bodies": [{"State": "COMPLETE"}]}],
    # The report itself is a blob, in base 64 («report»).
    "iam:GetCredentialReport": [{"bodies": [{"Content": "«report»", "ReportFormat": "text/csv", "GeneratedTime": "-0d"}]}],
    "iam:ListAccessKeys": [{"about": ("user", "n", "UserName"), "bodies": [{"AccessKeyMetadata": [
        {"UserName": "user-«n»", "AccessKeyId": "AKIA4QWERTY0000«n»", "Status": "Active", "CreateDate": "-200d"}], "IsTruncated": False}]}],
    "sts:GetCallerIdentity": [{"bodies": [{"UserId": "AIDA4QWERTY099999", "Account": "«account»", "Arn": f"{A}iam::«account»:user/auditor"}]}],
}

BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
OWNER = {"ID": "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"}
FULL = {"Grantee": {"Type": "CanonicalUser", **OWNER}, "Permission": "FULL_CONTROL"}
PUBLIC = {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}
TLS = policy({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [f"{A}s3:::bucket-«n»", f"{A}s3:::bucket-«n»/*"],
              "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
WIDE = policy({"Effect": "Allow", "Principal": {"AWS": f"{A}iam::«account»:root"}, "Action": "s3:GetObject", "Resource": f"{A}s3:::bucket-«n»/*"})


def of_bucket(*bodies):
    return [{"about": ("bucket", "n", "Bucket"), "bodies": list(bodies)}]


S3 = {
    "s3:ListBuckets": [one(("bucket", "Buckets", [{"Name": "bucket-«n»", "CreationDate": "-800d", "BucketRegion": "«where»"}]), **{"with": {"Owner": OWNER}})],
    "s3:GetBucketLocation": [],
    "s3:GetPublicAccessBlock": of_bucket(*[{"PublicAccessBlockConfiguration": BLOCK}] * 9, missing("NoSuchPublicAccessBlockConfiguration")),
    "s3:GetBucketPolicy": of_bucket({"Policy": TLS}, missing("NoSuchBucketPolicy"), {"Policy": WIDE}, missing("NoSuchBucketPolicy")),
    "s3:GetBucketAcl": of_bucket(*[{"Owner": OWNER, "Grants": [FULL]}] * 11, {"Owner": OWNER, "Grants": [FULL, PUBLIC]}),
    "s3:GetBucketOwnershipControls": of_bucket(*[{"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}] * 7,
                                               {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}),
    "s3:GetBucketVersioning": of_bucket({}, {"Status": "Enabled"}, {}),
    "s3:GetBucketLifecycleConfiguration": of_bucket(missing("NoSuchLifecycleConfiguration"), {"Rules": [
        {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 90}}]}),
    "s3:GetBucketEncryption": of_bucket({"ServerSideEncryptionConfiguration": {"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}}),
    "s3:GetBucketLogging": of_bucket({}, {}, {"LoggingEnabled": {"TargetBucket": "bucket-00000", "TargetPrefix": "bucket-«n»/"}}),
    "s3control:GetPublicAccessBlock": [{"bodies": [missing("NoSuchPublicAccessBlockConfiguration")]}],
}


def permission(protocol, low, high, *cidrs, group=None):
    return {"IpProtocol": protocol, "FromPort": low, "ToPort": high, "IpRanges": [{"CidrIp": cidr, "Description": "from somewhere"} for cidr in cidrs],
            "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [{"UserId": "«account»", "GroupId": group}] if group else []}


ALL_OUT = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}


def group(*permissions):
    return {"OwnerId": "«account»", "GroupId": "sg-«hex»", "GroupName": "group-«n»", "Description": "made for a service", "VpcId": "vpc-«hex:vpc»",
            "IpPermissions": list(permissions), "IpPermissionsEgress": [ALL_OUT], "Tags": tags("group-«n»")}


def instance(**more):
    return {"ReservationId": "r-«hex»", "OwnerId": "«account»", "Groups": [], "Instances": [{
        "InstanceId": "i-«hex»", "ImageId": "ami-«hex:image»", "State": {"Code": 16, "Name": "running"}, "InstanceType": "t3.medium",
        "LaunchTime": "-120d", "Placement": {"AvailabilityZone": "«region»a", "Tenancy": "default"}, "PrivateIpAddress": "10.0.3.7",
        "SubnetId": "subnet-«hex:subnet»", "VpcId": "vpc-«hex:vpc»", "Architecture": "x86_64", "EbsOptimized": True,
        "IamInstanceProfile": {"Arn": f"{A}iam::«account»:instance-profile/profile-00000", "Id": "AIPA4QWERTY000000"},
        "SecurityGroups": [{"GroupId": "sg-«hex:sg»", "GroupName": "group-«n:sg»"}], "Tags": tags("instance-«n»"),
        "MetadataOptions": {"State": "applied", "HttpTokens": "required", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled"},
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-«hex:volume»", "Status": "attached", "DeleteOnTermination": True}}],
        **more}]}


def interface(**more):
    return {"NetworkInterfaceId": "eni-«hex»", "OwnerId": "«account»", "VpcId": "vpc-«hex:vpc»", "SubnetId": "subnet-«hex:subnet»", "Status": "in-use",
            "InterfaceType": "interface", "RequesterManaged": False, "PrivateIpAddress": "10.0.3.7", "Description": "Primary network interface",
            "Groups": [{"GroupId": "sg-«hex:sg»", "GroupName": "group-«n:sg»"}], "AvailabilityZone": "«region»a",
            "Attachment": {"AttachmentId": "eni-attach-«hex»", "InstanceId": "i-«hex»", "InstanceOwnerId": "«account»", "DeviceIndex": 0, "Status": "attached"}, **more}


LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}
ENTRIES = [{"RuleNumber": number, "Protocol": "-1", "RuleAction": action, "Egress": egress, "CidrBlock": "0.0.0.0/0"}
           for egress in (True, False) for number, action in ((100, "allow"), (32767, "deny"))]

EC2 = {
    "ec2:DescribeRegions": [one(("region", "Regions", [{"RegionName": "«where»", "Endpoint": "ec2.«where».amazonaws.com", "OptInStatus": "opt-in-not-required"}]), whole=True)],
    "ec2:DescribeVpcs": [one(("vpc", "Vpcs", [
        {"VpcId": "vpc-«hex»", "OwnerId": "«account»", "CidrBlock": "172.31.0.0/16", "IsDefault": True, "State": "available", "InstanceTenancy": "default", "Tags": []},
        {"VpcId": "vpc-«hex»", "OwnerId": "«account»", "CidrBlock": "10.0.0.0/16", "IsDefault": False, "State": "available", "InstanceTenancy": "default", "Tags": tags("main")}]))],
    "ec2:DescribeSubnets": [one(("subnet", "Subnets", [
        {"SubnetId": "subnet-«hex»", "VpcId": "vpc-«hex:vpc»", "OwnerId": "«account»", "CidrBlock": "10.0.3.0/24", "AvailabilityZone": "«region»a",
         "MapPublicIpOnLaunch": public, "State": "available", "AvailableIpAddressCount": 240, "DefaultForAz": False,
         "SubnetArn": f"{A}ec2:{HERE}:subnet/subnet-«hex»", "Tags": tags("subnet-«n»")} for public in (True, False)]))],
    "ec2:DescribeRouteTables": [one(("vpc", "RouteTables", [
        {"RouteTableId": "rtb-«hex»", "VpcId": "vpc-«hex»", "OwnerId": "«account»", "Tags": [], "PropagatingVgws": [],
         "Associations": [{"Main": True, "RouteTableAssociationId": "rtbassoc-«hex»", "RouteTableId": "rtb-«hex»", "AssociationState": {"State": "associated"}}],
         "Routes": [LOCAL, {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-«hex»", "Origin": "CreateRoute", "State": "active"}]}]))],
    "ec2:DescribeInternetGateways": [one(("vpc", "InternetGateways", [
        {"InternetGatewayId": "igw-«hex»", "OwnerId": "«account»", "Attachments": [{"State": "available", "VpcId": "vpc-«hex»"}], "Tags": []}]))],
    "ec2:DescribeNetworkAcls": [one(("subnet", "NetworkAcls", [
        {"NetworkAclId": "acl-«hex»", "VpcId": "vpc-«hex:vpc»", "OwnerId": "«account»", "IsDefault": False, "Entries": ENTRIES, "Tags": [],
         "Associations": [{"NetworkAclAssociationId": "aclassoc-«hex»", "NetworkAclId": "acl-«hex»", "SubnetId": "subnet-«hex»"}]}]))],
    "ec2:DescribeSecurityGroups": [one(("sg", "SecurityGroups", [
        group(permission("tcp", 443, 443, "0.0.0.0/0")), group(permission("tcp", 5432, 5432, group="sg-«hex:sg»")),
        group(permission("tcp", 22, 22, "203.0.113.0/24"), permission("tcp", 8080, 8090, "10.0.0.0/8", "192.0.2.0/24")), group(),
        group(permission("tcp", 6379, 6379, "10.0.0.0/8")), group(permission("-1", -1, -1, group="sg-«hex:sg»")),
        group(permission("tcp", 443, 443, "10.0.0.0/8")), group(permission("tcp", 3306, 3306, "10.0.0.0/8"), permission("icmp", -1, -1, "10.0.0.0/8")),
        group(permission("tcp", 80, 80, "0.0.0.0/0")), group(permission("tcp", 22, 22, "10.1.0.0/16")), group(permission("tcp", 9200, 9200, "10.0.0.0/8")),
        group(permission("tcp", 443, 443, "198.51.100.0/24")), group(permission("tcp", 22, 22, "0.0.0.0/0"))]))],
    "ec2:DescribeNetworkInterfaces": [one(("instance", "NetworkInterfaces", [
        interface(), interface(), interface(Association={"PublicIp": "198.51.100.7", "IpOwnerId": "amazon", "PublicDnsName": "ec2-198-51-100-7.compute.amazonaws.com"})]))],
    "ec2:DescribeInstances": [one(("instance", "Reservations", [
        instance(), instance(), instance(PublicIpAddress="198.51.100.7", PublicDnsName="ec2-198-51-100-7.compute.amazonaws.com"),
        instance(MetadataOptions={"State": "applied", "HttpTokens": "optional", "HttpPutResponseHopLimit": 1, "HttpEndpoint": "enabled"})]))],
    "ec2:DescribeInstanceAttribute": [{"about": ("instance", "hex", "InstanceId"), "bodies": [
        {"InstanceId": "i-«hex»", "UserData": {}}, {"InstanceId": "i-«hex»", "UserData": {"Value": "IyEvYmluL3NoCnl1bSB1cGRhdGUgLXkKZWNobyBoZWxsbwo="}}]}],
    "ec2:DescribeVolumes": [one(("volume", "Volumes", [
        {"VolumeId": "vol-«hex»", "Size": 100, "State": "in-use", "Encrypted": encrypted, "AvailabilityZone": "«region»a", "VolumeType": "gp3", "CreateTime": "-120d",
         "Attachments": [{"InstanceId": "i-«hex:instance»", "Device": "/dev/xvda", "State": "attached", "VolumeId": "vol-«hex»"}], "Tags": tags("volume-«n»")}
        for encrypted in (True, True, True, False)]))],
    "ec2:DescribeSnapshots": [
        one(("snapshot", "Snapshots", [
            {"SnapshotId": "snap-«hex»", "VolumeId": "vol-«hex:volume»", "OwnerId": "«account»", "State": "completed", "Progress": "100%", "StartTime": "-30d",
             "VolumeSize": 100, "Encrypted": encrypted, "Description": "nightly", "Tags": tags("snapshot-«n»")} for encrypted in (True, True, False)]),
            when={"+RestorableBy.1": None}),
        {"when": {"+RestorableBy.1": "*"}, "bodies": [{"Snapshots": []}]}],
    "ec2:DescribeImages": [one(("image", "Images", [
        {"ImageId": "ami-«hex»", "OwnerId": "«account»", "Name": "image-«n»", "State": "available", "Public": False, "CreationDate": "«now-100d»", "Architecture": "x86_64",
         "ImageType": "machine", "RootDeviceType": "ebs", "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "snap-«hex:snapshot»", "Encrypted": True}}],
         "Tags": tags("image-«n»")}]))],
    "ec2:DescribeLaunchTemplates": [one(("template", "LaunchTemplates", [
        {"LaunchTemplateId": "lt-«hex»", "LaunchTemplateName": "template-«n»", "CreateTime": "-100d", "CreatedBy": f"{A}iam::«account»:user/user-00000",
         "DefaultVersionNumber": 1, "LatestVersionNumber": 1, "Tags": []}]))],
    "ec2:DescribeLaunchTemplateVersions": [one(("template", "LaunchTemplateVersions", [
        {"LaunchTemplateId": "lt-«hex»", "LaunchTemplateName": "template-«n»", "VersionNumber": 1, "CreateTime": "-100d", "DefaultVersion": True,
         "LaunchTemplateData": {"ImageId": "ami-«hex:image»", "InstanceType": "t3.medium", "MetadataOptions": {"HttpTokens": "required"}}}]))],
    "ec2:DescribeAddresses": [one(("address", "Addresses", [
        {"AllocationId": "eipalloc-«hex»", "PublicIp": "203.0.113.9", "Domain": "vpc", "InstanceId": "i-«hex:instance»", "Tags": []}]), whole=True)],
    "ec2:DescribeVpcEndpoints": [one(("endpoint", "VpcEndpoints", [
        {"VpcEndpointId": "vpce-«hex»", "VpcEndpointType": "Gateway", "VpcId": "vpc-«hex:vpc»", "ServiceName": "com.amazonaws.«region».s3", "State": "available", "OwnerId": "«account»",
         "PolicyDocument": policy(allow("*", Principal="*")), "RouteTableIds": ["rtb-«hex:vpc»"], "Tags": []}]))],
    "ec2:DescribeVpcEndpointServices": [{"bodies": [{"ServiceNames": [], "ServiceDetails": [{"ServiceName": "com.amazonaws.«region».s3", "VpcEndpointPolicySupported": True}]}]}],
    "ec2:DescribeFlowLogs": [one(("vpc", "FlowLogs", [
        {"FlowLogId": "fl-«hex»", "ResourceId": "vpc-«hex»", "FlowLogStatus": "ACTIVE", "TrafficType": "ALL", "LogDestinationType": "s3",
         "LogDestination": f"{A}s3:::bucket-00000", "DeliverLogsStatus": "SUCCESS", "Tags": []}]))],
    "ec2:DescribeInstanceImageMetadata": [one(("instance", "InstanceImageMetadata", [
        {"InstanceId": "i-«hex»", "InstanceType": "t3.medium", "OwnerId": "«account»", "State": {"Code": 16, "Name": "running"}, "AvailabilityZone": "«region»a", "LaunchTime": "-120d",
         "ImageMetadata": {"ImageId": "ami-«hex:image»", "Name": "image-«n:image»", "OwnerId": "«account»", "State": "available", "CreationDate": "«now-100d»", "IsPublic": False}}]))],
    "ec2:GetSnapshotBlockPublicAccessState": [{"bodies": [{"State": "block-all-sharing"}]}],
    "ec2:GetImageBlockPublicAccessState": [{"bodies": [{"ImageBlockPublicAccessState": "block-new-sharing"}]}],
    "ec2:GetInstanceMetadataDefaults": [{"bodies": [{"AccountLevel": {"HttpTokens": "required"}}]}],
    "ec2:DescribeVpcBlockPublicAccessOptions": [{"bodies": [{"VpcBlockPublicAccessOptions": {
        "AwsAccountId": "«account»", "AwsRegion": "«region»", "State": "default-state", "InternetGatewayBlockMode": "off", "ExclusionsAllowed": "allowed"}}]}],
    "ec2:GetEbsEncryptionByDefault": [{"bodies": [{"EbsEncryptionByDefault": True}]}],
}

DB = {"Engine": "postgres", "EngineVersion": "16.8", "DBInstanceStatus": "available", "AllocatedStorage": 100, "PubliclyAccessible": False, "StorageEncrypted": True,
      "BackupRetentionPeriod": 7, "MultiAZ": True, "AutoMinorVersionUpgrade": True, "DeletionProtection": True, "IAMDatabaseAuthenticationEnabled": False,
      "InstanceCreateTime": "-300d", "MasterUsername": "app", "CACertificateIdentifier": "rds-ca-rsa2048-g1", "PerformanceInsightsEnabled": True}


def db(**more):
    return {"DBInstanceIdentifier": "db-«n»", "DBInstanceClass": "db.m6g.large", "DBInstanceArn": f"{A}rds:{HERE}:db:db-«n»", "DbiResourceId": "db-ABCDEFGHIJKL0«n»",
            "Endpoint": {"Address": "db-«n».abcdefgh.«region».rds.amazonaws.com", "Port": 5432}, **DB,
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-«hex:sg»", "Status": "active"}],
            "DBParameterGroups": [{"DBParameterGroupName": "postgres-«region»", "ParameterApplyStatus": "in-sync"}],
            "DBSubnetGroup": {"DBSubnetGroupName": "databases", "VpcId": "vpc-«hex:vpc»", "SubnetGroupStatus": "Complete",
                              "Subnets": [{"SubnetIdentifier": "subnet-«hex:subnet»", "SubnetStatus": "Active"}]},
            "TagList": tags("db-«n»"), **more}


def parameter(name, value):
    return {"ParameterName": name, "ParameterValue": value, "Source": "user", "ApplyType": "dynamic", "DataType": "boolean", "IsModifiable": True, "ApplyMethod": "immediate"}


RDS = {
    "rds:DescribeDBInstances": [one(("db", "DBInstances", [db(), db(), db(BackupRetentionPeriod=1), db(MultiAZ=False), db(), db(PubliclyAccessible=True), db(StorageEncrypted=False)]))],
    "rds:DescribeDBClusters": [one(("cluster", "DBClusters", [
        {"DBClusterIdentifier": "cluster-«n»", "DBClusterArn": f"{A}rds:{HERE}:cluster:cluster-«n»", "Engine": "aurora-postgresql", "EngineVersion": "16.8", "Status": "available",
         "StorageEncrypted": True, "BackupRetentionPeriod": 14, "MultiAZ": True, "DeletionProtection": True, "DBClusterParameterGroup": "aurora-«region»", "Port": 5432,
         "DBClusterMembers": [], "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-«hex:sg»", "Status": "active"}], "TagList": tags("cluster-«n»")}]))],
    "rds:DescribeDBSnapshots": [one(("dbsnapshot", "DBSnapshots", [
        {"DBSnapshotIdentifier": "dbsnapshot-«n»", "DBInstanceIdentifier": "db-«n:db»", "DBSnapshotArn": f"{A}rds:{HERE}:snapshot:dbsnapshot-«n»", "Engine": "postgres", "EngineVersion": "16.8",
         "Status": "available", "SnapshotType": "manual", "Encrypted": encrypted, "SnapshotCreateTime": "-20d", "AllocatedStorage": 100, "TagList": []} for encrypted in (True, True, False)]))],
    "rds:DescribeDBSnapshotAttributes": [{"bodies": [{"DBSnapshotAttributesResult": {
        "DBSnapshotIdentifier": "«arg:DBSnapshotIdentifier»", "DBSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": []}]}}]}],
    "rds:DescribeDBParameters": [{"bodies": [{"Parameters": [parameter("rds.force_ssl", "1"), parameter("log_connections", "1")]}]}],
    "rds:DescribeDBClusterParameters": [{"bodies": [{"Parameters": [parameter("rds.force_ssl", "1"), parameter("log_connections", "1")]}]}],
}

FUNCTION = f"{A}lambda:{HERE}:function:function-«n»"


def function(**more):
    return {"FunctionName": "function-«n»", "FunctionArn": FUNCTION, "Runtime": "python3.13", "Role": f"{A}iam::«account»:role/role-00001", "Handler": "app.handler",
            "CodeSize": 48213, "Description": "", "Timeout": 30, "MemorySize": 256, "LastModified": "2026-05-06T07:08:09.000+0000",
            "CodeSha256": "rPADC+DeMx0Z5xpKVOFOnrTeoLezTU+wUOc3rgEgM7w=", "Version": "$LATEST", "PackageType": "Zip", "Architectures": ["arm64"],
            "TracingConfig": {"Mode": "PassThrough"}, "EphemeralStorage": {"Size": 512}, "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/function-«n»"},
            "Environment": {"Variables": {"STAGE": "production", "TABLE": "table-«n:table»", "QUEUE_URL": "https://sqs.«region».amazonaws.com/«account»/queue-«n:queue»"}}, **more}


LAMBDA = {
    "lambda:ListFunctions": [one(("function", "Functions", [
        function(), function(VpcConfig={"SubnetIds": ["subnet-«hex:subnet»"], "SecurityGroupIds": ["sg-«hex:sg»"], "VpcId": "vpc-«hex:vpc»"}),
        function(Runtime="nodejs22.x"), function(), function(Runtime="python3.9")]))],
    "lambda:GetPolicy": [{"about": ("function", "n", "FunctionName"), "bodies": [
        {"Policy": policy({"Sid": "events", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "lambda:InvokeFunction", "Resource": FUNCTION,
                           "Condition": {"ArnLike": {"AWS:SourceArn": f"{A}events:{HERE}:rule/rule-«n:rule»"}}}), "RevisionId": "00000000-0000-4000-8000-000000000000"},
        missing("ResourceNotFoundException", "The resource you requested does not exist.")]}],
}

BALANCER = f"{A}elasticloadbalancing:{HERE}:loadbalancer/app/balancer-«n»/0«hex»"
TARGET = f"{A}elasticloadbalancing:{HERE}:targetgroup/target-«n»/0«hex»"
FORWARD = [{"Type": "forward", "TargetGroupArn": f"{A}elasticloadbalancing:{HERE}:targetgroup/target-«n:target»/0«hex:target»", "Order": 1}]
LISTENER = f"{A}elasticloadbalancing:{HERE}:listener/app/balancer-«n»/0«hex»/b«hex»"


def listener(port, protocol, **more):
    return {"ListenerArn": LISTENER, "LoadBalancerArn": BALANCER, "Port": port, "Protocol": protocol, "DefaultActions": FORWARD, **more}


TLS_LISTENER = listener(443, "HTTPS", SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06", Certificates=[{"CertificateArn": f"{A}acm:{HERE}:certificate/«uuid:certificate»"}])
ELB = {
    "elasticloadbalancing:DescribeLoadBalancers": [one(("balancer", "LoadBalancers", [
        {"LoadBalancerArn": BALANCER, "LoadBalancerName": "balancer-«n»", "DNSName": "balancer-«n»-1.«region».elb.amazonaws.com", "Type": "application", "Scheme": scheme, "VpcId": "vpc-«hex:vpc»",
         "State": {"Code": "active"}, "IpAddressType": "ipv4", "CreatedTime": "-200d", "SecurityGroups": ["sg-«hex:sg»"],
         "AvailabilityZones": [{"ZoneName": "«region»a", "SubnetId": "subnet-«hex:subnet»"}]} for scheme in ("internet-facing", "internal")]))],
    "elasticloadbalancing:DescribeListeners": [one((None, "Listeners", [TLS_LISTENER, TLS_LISTENER, listener(80, "HTTP")]), about=("balancer", "hex", "LoadBalancerArn"))],
    "elasticloadbalancing:DescribeRules": [one((None, "Rules", [
        {"RuleArn": f"{A}elasticloadbalancing:{HERE}:listener-rule/app/balancer-«n»/0«hex»/b«hex»/c«hex»", "Priority": "default", "Conditions": [], "Actions": FORWARD, "IsDefault": True}]),
        about=("balancer", "hex", "ListenerArn"))],
    "elasticloadbalancing:DescribeTargetGroups": [one(("target", "TargetGroups", [
        {"TargetGroupArn": TARGET, "TargetGroupName": "target-«n»", "Protocol": "HTTP", "Port": 8080, "VpcId": "vpc-«hex:vpc»", "TargetType": "instance",
         "LoadBalancerArns": [f"{A}elasticloadbalancing:{HERE}:loadbalancer/app/balancer-«n:balancer»/0«hex:balancer»"]}]))],
    "elasticloadbalancing:DescribeTargetHealth": [one((None, "TargetHealthDescriptions", [
        {"Target": {"Id": "i-«hex:instance»", "Port": 8080}, "HealthCheckPort": "8080", "TargetHealth": {"State": "healthy"}}]), about=("target", "hex", "TargetGroupArn"))],
    "elasticloadbalancing:DescribeLoadBalancerAttributes": [{"bodies": [{"Attributes": [
        {"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": "bucket-00000"}, {"Key": "deletion_protection.enabled", "Value": "true"},
        {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"}, {"Key": "routing.http.desync_mitigation_mode", "Value": "defensive"}]}]}],
    "elasticloadbalancing:DescribeTargetGroupAttributes": [{"bodies": [{"Attributes": [{"Key": "stickiness.enabled", "Value": "false"}]}]}],
}

VISIBLE = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "all"}


def web_acl(kind, scope, arn):
    about = {"Name": "acl-«n»", "Id": "«uuid»", "ARN": arn}
    rules = [{"Name": "common", "Priority": 0, "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}},
              "OverrideAction": {"None": {}}, "VisibilityConfig": VISIBLE},
             {"Name": "rate", "Priority": 1, "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}}, "Action": {"Block": {}}, "VisibilityConfig": VISIBLE}]
    return (one((kind, "WebACLs", [{**about, "Description": "", "LockToken": "«uuid»"}]), when={"Scope": scope}),
            {"when": {"Scope": scope}, "about": (kind, "uuid", "Id"), "bodies": [
                {"WebACL": {**about, "DefaultAction": {"Allow": {}}, "Rules": rules, "VisibilityConfig": VISIBLE, "Capacity": 702}, "LockToken": "«uuid»"}]})


REGIONAL_ACL = web_acl("acl", "REGIONAL", f"{A}wafv2:{HERE}:regional/webacl/acl-«n»/«uuid»")
GLOBAL_ACL = web_acl("globalacl", "CLOUDFRONT", f"{A}wafv2:us-east-1:«account»:global/webacl/acl-«n»/«uuid»")
WAF = {
    "wafv2:ListWebACLs": [REGIONAL_ACL[0], GLOBAL_ACL[0]],
    "wafv2:GetWebACL": [REGIONAL_ACL[1], GLOBAL_ACL[1]],
    "wafv2:ListResourcesForWebACL": [{"about": ("acl", "uuid", "WebACLArn"), "when": {"ResourceType": "APPLICATION_LOAD_BALANCER"}, "bodies": [
        {"ResourceArns": [f"{A}elasticloadbalancing:{HERE}:loadbalancer/app/balancer-«n:balancer»/0«hex:balancer»"]}, {"ResourceArns": []}]}],
    "wafv2:ListLoggingConfigurations": [one(("acl", "LoggingConfigurations", [
        {"ResourceArn": f"{A}wafv2:{HERE}:regional/webacl/acl-«n»/«uuid»", "LogDestinationConfigs": [f"{A}logs:{HERE}:log-group:aws-waf-logs-all"]}]), when={"Scope": "REGIONAL"})],
}

OTHERS = {
    "logs:DescribeLogGroups": [one(("loggroup", "logGroups", [
        {"logGroupName": "/aws/lambda/function-«n»", "arn": f"{A}logs:{HERE}:log-group:/aws/lambda/function-«n»:*", "logGroupArn": f"{A}logs:{HERE}:log-group:/aws/lambda/function-«n»",
         "creationTime": 1700000000000, "metricFilterCount": 0, "storedBytes": 12345, **more} for more in ({"retentionInDays": 90}, {"retentionInDays": 400}, {})]))],
    "logs:DescribeMetricFilters": [one(("filter", "metricFilters", [
        {"filterName": "filter-«n»", "logGroupName": "trail", "filterPattern": '{ $.userIdentity.type = "Root" }', "creationTime": 1700000000000,
         "metricTransformations": [{"metricName": "metric-«n»", "metricNamespace": "Audit", "metricValue": "1"}]}]))],
    "kms:ListKeys": [one(("key", "Keys", [{"KeyId": "«uuid»", "KeyArn": f"{A}kms:{HERE}:key/«uuid»"}]))],
    "kms:ListAliases": [one(("key", "Aliases", [{"AliasName": "alias/key-«n»", "AliasArn": f"{A}kms:{HERE}:alias/key-«n»", "TargetKeyId": "«uuid»"}]))],
    "kms:DescribeKey": [{"about": ("key", "uuid", "KeyId"), "bodies": [{"KeyMetadata": {
        "AWSAccountId": "«account»", "KeyId": "«uuid»", "Arn": f"{A}kms:{HERE}:key/«uuid»", "CreationDate": "-400d", "Enabled": True, "Description": "", "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled", "Origin": "AWS_KMS", "KeyManager": manager, "KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "MultiRegion": False}}
        for manager in ("CUSTOMER", "CUSTOMER", "AWS")]}],
    "kms:GetKeyRotationStatus": [{"about": ("key", "uuid", "KeyId"), "bodies": [{"KeyRotationEnabled": on} for on in (True, False)]}],
    "kms:GetKeyPolicy": [{"bodies": [{"Policy": policy(allow("kms:*", Principal={"AWS": f"{A}iam::«account»:root"})), "PolicyName": "default"}]}],
    "secretsmanager:ListSecrets": [one(("secret", "SecretList", [
        {"Name": "secret-«n»", "ARN": f"{A}secretsmanager:{HERE}:secret:secret-«n»-AbCdEf", "CreatedDate": "-400d", "LastChangedDate": "-40d", "LastAccessedDate": "-1d",
         "RotationEnabled": on, "Tags": tags("secret-«n»"), **({"RotationRules": {"AutomaticallyAfterDays": 30}, "LastRotatedDate": "-20d"} if on else {})} for on in (True, False, False)]))],
    "secretsmanager:GetResourcePolicy": [{"bodies": [{"ARN": "«arg:SecretId»", "Name": "secret"}]}],
    "ssm:DescribeParameters": [one(("parameter", "Parameters", [
        {"Name": "/app/parameter-«n»", "ARN": f"{A}ssm:{HERE}:parameter/app/parameter-«n»", "Type": kind, "LastModifiedDate": "-50d", "LastModifiedUser": f"{A}iam::«account»:user/user-00000",
         "Version": 3, "Tier": "Standard", "DataType": "text", "Policies": []} for kind in ("SecureString", "String")]))],
    "sns:ListTopics": [one(("topic", "Topics", [{"TopicArn": f"{A}sns:{HERE}:topic-«n»"}]))],
    "sns:GetTopicAttributes": [{"bodies": [{"Attributes": {
        "TopicArn": "«arg:TopicArn»", "Owner": "«account»", "DisplayName": "", "SubscriptionsConfirmed": "1", "SubscriptionsPending": "0", "SubscriptionsDeleted": "0",
        "Policy": policy({"Sid": "owner", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["SNS:Publish", "SNS:Subscribe"], "Resource": "«arg:TopicArn»",
                          "Condition": {"StringEquals": {"AWS:SourceOwner": "«account»"}}})}}]}],
    "sqs:ListQueues": [one(("queue", "QueueUrls", ["https://sqs.«region».amazonaws.com/«account»/queue-«n»"]))],
    "sqs:GetQueueAttributes": [{"about": ("queue", "n", "QueueUrl"), "bodies": [
        {"Attributes": {"QueueArn": f"{A}sqs:{HERE}:queue-«n»", "SqsManagedSseEnabled": "true"}},
        {"Attributes": {"QueueArn": f"{A}sqs:{HERE}:queue-«n»", "SqsManagedSseEnabled": "true", "Policy": policy(
            {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": f"{A}sqs:{HERE}:queue-«n»",
             "Condition": {"ArnEquals": {"aws:SourceArn": f"{A}sns:{HERE}:topic-«n:topic»"}}})}}]}],
    "dynamodb:ListTables": [one(("table", "TableNames", ["table-«n»"]))],
    "dynamodb:DescribeContinuousBackups": [{"about": ("table", "n", "TableName"), "bodies": [{"ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status}}} for status in ("ENABLED", "ENABLED", "DISABLED")]}],
    "ecr:DescribeRepositories": [one(("repository", "repositories", [
        {"repositoryName": "repository-«n»", "repositoryArn": f"{A}ecr:{HERE}:repository/repository-«n»", "registryId": "«account»", "imageTagMutability": "IMMUTABLE", "createdAt": "-300d",
         "repositoryUri": "«account».dkr.ecr.«region».amazonaws.com/repository-«n»", "imageScanningConfiguration": {"scanOnPush": True}, "encryptionConfiguration": {"encryptionType": "AES256"}}]))],
    "ecr:GetRegistryScanningConfiguration": [{"bodies": [{"registryId": "«account»", "scanningConfiguration": {"scanType": "BASIC", "rules": []}}]}],
    "ecr:GetRepositoryPolicy": [{"bodies": [missing("RepositoryPolicyNotFoundException", "Repository policy does not exist", 400)]}],
    "ecr:GetLifecyclePolicy": [{"bodies": [missing("LifecyclePolicyNotFoundException", "Lifecycle policy does not exist", 400)]}],
    "ecr:DescribeImages": [{"about": ("repository", "n", "repositoryName"), "bodies": [{"imageDetails": [
        {"registryId": "«account»", "repositoryName": "repository-«n»", "imageDigest": "sha256:00000000000000000000000000000000000000000000000«hex»", "imageTags": ["latest"],
         "imageSizeInBytes": 123456789, "imagePushedAt": "-30d", "imageScanStatus": {"status": "COMPLETE"}}]}]}],
    "ecr:DescribeImageScanFindings": [{"bodies": [{"registryId": "«account»", "repositoryName": "«arg:repositoryName»", "imageScanStatus": {"status": "COMPLETE"},
                                                  "imageScanFindings": {"findings": [], "imageScanCompletedAt": "-29d", "findingSeverityCounts": {"MEDIUM": 3}}}]}],
    "acm:ListCertificates": [one(("certificate", "CertificateSummaryList", [
        {"CertificateArn": f"{A}acm:{HERE}:certificate/«uuid»", "DomainName": "site-«n».example.com", "SubjectAlternativeNameSummaries": ["site-«n».example.com"], "Status": "ISSUED",
         "Type": "AMAZON_ISSUED", "KeyAlgorithm": "RSA-2048", "InUse": True, "RenewalEligibility": "ELIGIBLE", "NotBefore": "-100d", "NotAfter": "+290d", "CreatedAt": "-100d", "IssuedAt": "-100d"}]))],
    "cloudformation:DescribeStacks": [one(("stack", "Stacks", [
        {"StackId": f"{A}cloudformation:{HERE}:stack/stack-«n»/«uuid»", "StackName": "stack-«n»", "CreationTime": "-300d", "StackStatus": "UPDATE_COMPLETE", "DisableRollback": False,
         "EnableTerminationProtection": on, "Parameters": [{"ParameterKey": "Stage", "ParameterValue": "production"}], "Capabilities": ["CAPABILITY_IAM"],
         "Outputs": [{"OutputKey": "Bucket", "OutputValue": "bucket-«n:bucket»"}], "Tags": tags("stack-«n»"), "NotificationARNs": []} for on in (True, False)]))],
    "events:ListRules": [one(("rule", "Rules", [
        {"Name": "rule-«n»", "Arn": f"{A}events:{HERE}:rule/rule-«n»", "State": "ENABLED", "ScheduleExpression": "rate(1 hour)", "EventBusName": "default"},
        {"Name": "rule-«n»", "Arn": f"{A}events:{HERE}:rule/rule-«n»", "State": "ENABLED", "EventPattern": '{"source":["aws.ec2"]}', "EventBusName": "default"}]))],
    "events:ListTargetsByRule": [one((None, "Targets", [{"Id": "1", "Arn": f"{A}lambda:{HERE}:function:function-«n:function»"}]), about=("rule", "n", "Rule"))],
    "apigateway:GetRestApis": [one(("api", "items", [
        {"id": "a«n»", "name": "api-«n»", "createdDate": "-300d", "apiKeySource": "HEADER", "endpointConfiguration": {"types": ["REGIONAL"]}, "disableExecuteApiEndpoint": False}]))],
    "apigateway:GetStages": [{"about": ("api", "n", "restApiId"), "bodies": [{"item": [
        {"deploymentId": "d«n»", "stageName": "prod", "tracingEnabled": True, "cacheClusterEnabled": False, "methodSettings": {}, "createdDate": "-300d", "lastUpdatedDate": "-30d",
         "accessLogSettings": {"destinationArn": f"{A}logs:{HERE}:log-group:api-«n»", "format": "$context.requestId"}}]}]}],
    "apigateway:GetResources": [{"about": ("api", "n", "restApiId"), "bodies": [{"items": [
        {"id": "r«n»", "path": path, "resourceMethods": {method: {"httpMethod": method, "authorizationType": "AWS_IAM", "apiKeyRequired": False, "methodIntegration": {
            "type": "AWS_PROXY", "httpMethod": "POST", "uri": f"{A}apigateway:«region»:lambda:path/2015-03-31/functions/{A}lambda:{HERE}:function:function-«n:function»/invocations"}}
            for method in ("GET", "POST")}} for path in ("/orders", "/orders/{id}", "/customers")]}]}],
    "apigatewayv2:GetApis": [one(("httpapi", "Items", [
        {"ApiId": "h«n»", "Name": "httpapi-«n»", "ProtocolType": "HTTP", "ApiEndpoint": "https://h«n».execute-api.«region».amazonaws.com", "CreatedDate": "-200d",
         "RouteSelectionExpression": "${request.method} ${request.path}", "DisableExecuteApiEndpoint": False}]))],
    "apigatewayv2:GetStages": [{"about": ("httpapi", "n", "ApiId"), "bodies": [{"Items": [
        {"StageName": "$default", "AutoDeploy": True, "CreatedDate": "-200d", "LastUpdatedDate": "-20d", "DefaultRouteSettings": {"DetailedMetricsEnabled": False}, "StageVariables": {}}]}]}],
    "apigatewayv2:GetRoutes": [{"about": ("httpapi", "n", "ApiId"), "bodies": [{"Items": [
        {"RouteId": "r«n»", "RouteKey": "ANY /{proxy+}", "AuthorizationType": "JWT", "AuthorizerId": "u«n»", "ApiKeyRequired": False, "Target": "integrations/i«n»"}]}]}],
    "apigatewayv2:GetIntegrations": [{"about": ("httpapi", "n", "ApiId"), "bodies": [{"Items": [
        {"IntegrationId": "i«n»", "IntegrationType": "AWS_PROXY", "IntegrationUri": f"{A}lambda:{HERE}:function:function-«n:function»", "PayloadFormatVersion": "2.0"}]}]}],
    "ecs:ListClusters": [one(("ecs", "clusterArns", [f"{A}ecs:{HERE}:cluster/cluster-«n»"]))],
    "ecs:DescribeClusters": [one(("ecs", "clusters", [
        {"clusterArn": f"{A}ecs:{HERE}:cluster/cluster-«n»", "clusterName": "cluster-«n»", "status": "ACTIVE", "runningTasksCount": 3, "activeServicesCount": 1,
         "settings": [{"name": "containerInsights", "value": "enabled"}]}]), each="clusters")],
    "ecs:ListTaskDefinitionFamilies": [one(("family", "families", ["family-«n»"]))],
    "ecs:DescribeTaskDefinition": [{"about": ("family", "n", "taskDefinition"), "bodies": [{"taskDefinition": {
        "taskDefinitionArn": f"{A}ecs:{HERE}:task-definition/family-«n»:3", "family": "family-«n»", "revision": 3, "status": "ACTIVE", "networkMode": "awsvpc",
        "taskRoleArn": f"{A}iam::«account»:role/role-00003", "executionRoleArn": f"{A}iam::«account»:role/role-00003", "requiresCompatibilities": ["FARGATE"], "cpu": "512", "memory": "1024",
        "containerDefinitions": [{"name": "app", "image": "«account».dkr.ecr.«region».amazonaws.com/repository-«n:repository»:latest", "essential": True, "privileged": False, "readonlyRootFilesystem": True,
                                  "environment": [{"name": "STAGE", "value": "production"}], "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
                                  "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/family-«n»"}}}]}}]}],
    "ecs:ListServices": [{"about": ("ecs", "n", "cluster"), "bodies": [{"serviceArns": [f"{A}ecs:{HERE}:service/cluster-«n»/service-«n»"]}]}],
    "ecs:DescribeServices": [{"about": ("ecs", "n", "cluster"), "bodies": [{"services": [
        {"serviceArn": f"{A}ecs:{HERE}:service/cluster-«n»/service-«n»", "serviceName": "service-«n»", "clusterArn": f"{A}ecs:{HERE}:cluster/cluster-«n»", "status": "ACTIVE", "desiredCount": 3,
         "runningCount": 3, "launchType": "FARGATE", "taskDefinition": f"{A}ecs:{HERE}:task-definition/family-«n:family»:3", "platformVersion": "LATEST",
         "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-«hex:subnet»"], "securityGroups": ["sg-«hex:sg»"], "assignPublicIp": "DISABLED"}}}], "failures": []}]}],
    "eks:ListClusters": [one(("eks", "clusters", ["eks-«n»"]))],
    "eks:DescribeCluster": [{"about": ("eks", "n", "name"), "bodies": [{"cluster": {
        "name": "eks-«n»", "arn": f"{A}eks:{HERE}:cluster/eks-«n»", "createdAt": "-200d", "version": "1.35", "status": "ACTIVE", "platformVersion": "eks.9",
        "roleArn": f"{A}iam::«account»:role/role-00000", "endpoint": "https://0«hex».gr7.«region».eks.amazonaws.com",
        "resourcesVpcConfig": {"subnetIds": ["subnet-«hex:subnet»"], "securityGroupIds": ["sg-«hex:sg»"], "vpcId": "vpc-«hex:vpc»", "endpointPublicAccess": True, "endpointPrivateAccess": True,
                               "publicAccessCidrs": ["203.0.113.0/24"]},
        "accessConfig": {"bootstrapClusterCreatorAdminPermissions": False, "authenticationMode": "API"}, "identity": {"oidc": {"issuer": "https://oidc.eks.«region».amazonaws.com/id/0«hex»"}},
        "logging": {"clusterLogging": [{"types": ["api", "audit", "authenticator"], "enabled": True}]}, "tags": {"team": "platform"}}}]}],
    "eks:ListAccessEntries": [{"about": ("eks", "n", "clusterName"), "bodies": [{"accessEntries": [f"{A}iam::«account»:role/role-{at:05}" for at in (5, 13, 21)]}]}],
    "eks:ListAssociatedAccessPolicies": [{"about": ("eks", "n", "clusterName"), "bodies": [{"associatedAccessPolicies": [
        {"policyArn": f"{A}eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy", "accessScope": {"type": "cluster", "namespaces": []}}]}]}],
    "eks:ListPodIdentityAssociations": [{"about": ("eks", "n", "clusterName"), "bodies": [{"associations": [
        {"clusterName": "eks-«n»", "namespace": "app", "serviceAccount": name, "associationId": f"a-«n»{name}"} for name in ("web", "worker")]}]}],
    "eks:DescribePodIdentityAssociation": [{"about": ("eks", "n", "clusterName"), "bodies": [{"association": {
        "clusterName": "eks-«n»", "namespace": "app", "serviceAccount": "web", "associationId": "a-«n»web", "roleArn": f"{A}iam::«account»:role/role-00003"}}]}],
    "elasticfilesystem:DescribeFileSystems": [one(("filesystem", "FileSystems", [
        {"OwnerId": "«account»", "CreationToken": "token-«n»", "FileSystemId": "fs-«hex»", "FileSystemArn": f"{A}elasticfilesystem:{HERE}:file-system/fs-«hex»", "CreationTime": "-100d", "LifeCycleState": "available",
         "NumberOfMountTargets": 1, "SizeInBytes": {"Value": 12345}, "PerformanceMode": "generalPurpose", "Encrypted": True, "Tags": []}]))],
    "elasticfilesystem:DescribeFileSystemPolicy": [{"bodies": [missing("PolicyNotFound")]}],
    "codebuild:ListProjects": [one(("project", "projects", ["project-«n»"]))],
    "codebuild:BatchGetProjects": [one(("project", "projects", [
        {"name": "project-«n»", "arn": f"{A}codebuild:{HERE}:project/project-«n»", "source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "CODEPIPELINE"}, "serviceRole": f"{A}iam::«account»:role/role-00004",
         "environment": {"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "computeType": "BUILD_GENERAL1_SMALL", "privilegedMode": False,
                         "environmentVariables": [{"name": "STAGE", "value": "production", "type": "PLAINTEXT"}]}, "created": "-200d", "lastModified": "-20d"}]), each="names")],
    "states:ListStateMachines": [one(("machine", "stateMachines", [
        {"stateMachineArn": f"{A}states:{HERE}:stateMachine:machine-«n»", "name": "machine-«n»", "type": "STANDARD", "creationDate": "-200d"}]))],
    "states:DescribeStateMachine": [{"about": ("machine", "n", "stateMachineArn"), "bodies": [
        {"stateMachineArn": f"{A}states:{HERE}:stateMachine:machine-«n»", "name": "machine-«n»", "status": "ACTIVE", "definition": '{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}',
         "roleArn": f"{A}iam::«account»:role/role-00000", "type": "STANDARD", "creationDate": "-200d", "loggingConfiguration": {"level": "ERROR", "includeExecutionData": False}}]}],
    "cognito-idp:ListUserPools": [one(("pool", "UserPools", [{"Id": "«region»_p«n»", "Name": "pool-«n»", "LastModifiedDate": "-20d", "CreationDate": "-200d"}]))],
    "cognito-idp:DescribeUserPool": [{"about": ("pool", "n", "UserPoolId"), "bodies": [{"UserPool": {
        "Id": "«region»_p«n»", "Name": "pool-«n»", "Arn": f"{A}cognito-idp:{HERE}:userpool/«region»_p«n»", "MfaConfiguration": "OPTIONAL", "DeletionProtection": "ACTIVE",
        "Policies": {"PasswordPolicy": {"MinimumLength": 12, "RequireUppercase": True, "RequireLowercase": True, "RequireNumbers": True, "RequireSymbols": True}},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}}]}],
    "elasticache:DescribeReplicationGroups": [one(("cache", "ReplicationGroups", [
        {"ReplicationGroupId": "cache-«n»", "ARN": f"{A}elasticache:{HERE}:replicationgroup:cache-«n»", "Description": "sessions", "Status": "available", "Engine": "redis", "MultiAZ": "enabled",
         "AutomaticFailover": "enabled", "TransitEncryptionEnabled": True, "AtRestEncryptionEnabled": True, "AuthTokenEnabled": False, "SnapshotRetentionLimit": 7, "MemberClusters": ["cache-«n»-001"]}]))],
    "elasticache:DescribeCacheClusters": [one(("cache", "CacheClusters", [
        {"CacheClusterId": "cache-«n»-001", "ARN": f"{A}elasticache:{HERE}:cluster:cache-«n»-001", "ReplicationGroupId": "cache-«n»", "Engine": "redis", "EngineVersion": "7.1", "CacheClusterStatus": "available",
         "SnapshotRetentionLimit": 7, "TransitEncryptionEnabled": True, "AtRestEncryptionEnabled": True, "SecurityGroups": [{"SecurityGroupId": "sg-«hex:sg»", "Status": "active"}]}]))],
    "cloudtrail:DescribeTrails": [{"bodies": [{"trailList": [
        {"Name": "trail", "S3BucketName": "bucket-00001", "IncludeGlobalServiceEvents": True, "IsMultiRegionTrail": True, "HomeRegion": HOME, "TrailARN": f"{A}cloudtrail:{HOME}:«account»:trail/trail",
         "LogFileValidationEnabled": True, "IsOrganizationTrail": False, "HasCustomEventSelectors": False, "HasInsightSelectors": False,
         "CloudWatchLogsLogGroupArn": f"{A}logs:{HOME}:«account»:log-group:trail:*", "CloudWatchLogsRoleArn": f"{A}iam::«account»:role/role-00005"}]}]}],
    "cloudtrail:GetTrailStatus": [{"bodies": [{"IsLogging": True, "LatestDeliveryTime": "-0d", "StartLoggingTime": "-900d"}]}],
    "cloudtrail:GetEventSelectors": [{"bodies": [{"TrailARN": f"{A}cloudtrail:{HOME}:«account»:trail/trail", "EventSelectors": [
        {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}]}]}],
    "guardduty:ListDetectors": [one(("detector", "DetectorIds", ["00000000000000«hex»0"]))],
    "guardduty:GetDetector": [{"bodies": [{"Status": "ENABLED", "ServiceRole": f"{A}iam::«account»:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty", "CreatedAt": "2025-01-02T03:04:05.000Z",
                                          "FindingPublishingFrequency": "SIX_HOURS", "Features": [{"Name": "CLOUD_TRAIL", "Status": "ENABLED"}, {"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}]}]}],
    "inspector2:BatchGetAccountStatus": [{"bodies": [{"accounts": [{
        "accountId": "«account»", "state": {"status": "DISABLED"},
        "resourceState": {kind: {"status": "DISABLED"} for kind in ("ec2", "ecr", "lambda", "lambdaCode", "codeRepository")}}], "failedAccounts": []}]}],
    "route53:ListHostedZones": [one(("zone", "HostedZones", [
        {"Id": "/hostedzone/Z0«hex»", "Name": "zone-«n».example.com.", "CallerReference": "zone-«n»", "Config": {"PrivateZone": private}, "ResourceRecordSetCount": 12} for private in (False, True)]),
        **{"with": {"MaxItems": "100", "Marker": ""}})],
}

CLOUDFRONT_ORIGIN = {"Id": "main", "DomainName": "bucket-«n:bucket».s3.us-east-1.amazonaws.com", "OriginPath": "", "CustomHeaders": {"Quantity": 0}, "S3OriginConfig": {"OriginAccessIdentity": ""},
                     "ConnectionAttempts": 3, "ConnectionTimeout": 10, "OriginShield": {"Enabled": False}, "OriginAccessControlId": "E1OAC00000000"}
CLOUDFRONT_BEHAVIOUR = {"TargetOriginId": "main", "TrustedSigners": {"Enabled": False, "Quantity": 0}, "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
                        "ViewerProtocolPolicy": "redirect-to-https", "AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}},
                        "SmoothStreaming": False, "Compress": True, "LambdaFunctionAssociations": {"Quantity": 0}, "FunctionAssociations": {"Quantity": 0}, "FieldLevelEncryptionId": "",
                        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"}
CLOUDFRONT_CERTIFICATE = {"CloudFrontDefaultCertificate": False, "ACMCertificateArn": f"{A}acm:us-east-1:«account»:certificate/«uuid:certificate»", "SSLSupportMethod": "sni-only",
                          "MinimumProtocolVersion": "TLSv1.2_2021", "Certificate": f"{A}acm:us-east-1:«account»:certificate/«uuid:certificate»", "CertificateSource": "acm"}
CLOUDFRONT_COMMON = {"Aliases": {"Quantity": 1, "Items": ["www-«n».example.com"]}, "Origins": {"Quantity": 1, "Items": [CLOUDFRONT_ORIGIN]}, "OriginGroups": {"Quantity": 0},
                     "DefaultCacheBehavior": CLOUDFRONT_BEHAVIOUR, "CacheBehaviors": {"Quantity": 0}, "CustomErrorResponses": {"Quantity": 0}, "Comment": "", "PriceClass": "PriceClass_All", "Enabled": True,
                     "ViewerCertificate": CLOUDFRONT_CERTIFICATE, "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}}, "WebACLId": "", "HttpVersion": "http2", "IsIPV6Enabled": True}
CLOUDFRONT = {
    "cloudfront:ListOriginAccessControls": [{"bodies": [{"OriginAccessControlList": {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": 1, "Items": [
        {"Id": "E1OAC00000000", "Description": "", "Name": "buckets", "SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3"}]}}]}],
    "cloudfront:ListDistributions": [one(("distribution", "DistributionList.Items", [
        {"Id": "E1BENCH0«n»", "ARN": f"{A}cloudfront::«account»:distribution/E1BENCH0«n»", "ETag": "E2QWRUHEXAMPLE", "Status": "Deployed", "LastModifiedTime": "-90d",
         "DomainName": "d0«n».cloudfront.net", **CLOUDFRONT_COMMON, "Staging": False}]),
        **{"with": {"DistributionList": {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": 100, "Items": []}}})],
    "cloudfront:GetDistributionConfig": [{"about": ("distribution", "n", "Id"), "bodies": [{"DistributionConfig": {
        **CLOUDFRONT_COMMON, "CallerReference": "«n»", "DefaultRootObject": "index.html",
        "Logging": {"Enabled": True, "IncludeCookies": False, "Bucket": "bucket-00000.s3.amazonaws.com", "Prefix": "cdn/"}}}]}],
}

ANSWERS = {key: said for part in (IAM, S3, EC2, RDS, LAMBDA, ELB, WAF, OTHERS, CLOUDFRONT) for key, said in part.items() if said}

# What services answer where there is nothing, when it is not an empty list.
NOTHING = {
    "account:GetAlternateContact": missing("ResourceNotFoundException", "No contact of the inputted alternate contact type found."),
    "cloudtrail:GetInsightSelectors": missing("InsightNotEnabledException", "Insights is not enabled.", 400),
    "iam:ListOrganizationsFeatures": missing("AccountNotManagementOrDelegatedAdministratorException", "The account is not a management account.", 400),
    "macie2:GetMacieSession": missing("AccessDeniedException", "Macie is not enabled.", 403),
    "macie2:GetAdministratorAccount": {},
    "organizations:DescribeOrganization": missing("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.", 400),
    "securityhub:DescribeHub": missing("InvalidAccessException", "Account «account» is not subscribed to AWS Security Hub", 401),
    "securityhub:DescribeSecurityHubV2": missing("ResourceNotFoundException", "Account «account» is not subscribed to AWS Security Hub"),
    "guardduty:GetAdministratorAccount": {},
    "securityhub:GetAdministratorAccount": {},
    "s3:GetBucketLocation": missing("NoSuchBucket", "The specified bucket does not exist"),
    "shield:GetSubscriptionState": {"SubscriptionState": "INACTIVE"},
    "sso:ListInstances": {"Instances": []},
    "ssm:GetDocument": missing("InvalidDocument", "The specified document does not exist.", 400),
}
