#!/usr/bin/env bash
# Account: 111122223333
# The same kinds of things as in bad.sh, set up right in the three regions that it uses. What the
# emulator cannot make (a credential report with dates, Access Analyzer) is in ../overlay/good/.
set -euo pipefail

REGIONS='us-east-1 eu-west-1 ap-northeast-1'
BLOCK_PUBLIC_ACCESS=BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
export AWS_DEFAULT_REGION=us-east-1

### The account

aws account put-alternate-contact --alternate-contact-type SECURITY --name 'Security Team' --title 'Security' \
  --email-address security@example.com --phone-number +81-3-0000-0000
aws s3control put-public-access-block --account-id 111122223333 --public-access-block-configuration "$BLOCK_PUBLIC_ACCESS"
aws iam create-account-alias --account-alias good-example
aws iam update-account-password-policy --minimum-password-length 14 --password-reuse-prevention 24 \
  --require-symbols --require-numbers --require-uppercase-characters --require-lowercase-characters --allow-users-to-change-password

### IAM: people in groups, with MFA; machines in roles

# Near misses of full administration: limited to one bucket, or to those who used MFA and only to look.
aws iam create-policy --policy-name reports --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::good-reports","arn:aws:s3:::good-reports/*"]}]}'
DENY_WITHOUT_MFA=$(aws iam create-policy --policy-name deny-without-mfa --query Policy.Arn --output text --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["iam:ListMFADevices","iam:EnableMFADevice","sts:GetSessionToken"],"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}')
aws iam create-group --group-name auditors
aws iam attach-group-policy --group-name auditors --policy-arn arn:aws:iam::aws:policy/SecurityAudit
aws iam attach-group-policy --group-name auditors --policy-arn "$DENY_WITHOUT_MFA"
aws iam put-group-policy --group-name auditors --policy-name read-reports --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::good-reports/*"}]}'

aws iam create-user --user-name hanako --tags Key=所属,Value=セキュリティ部
aws iam add-user-to-group --user-name hanako --group-name auditors
aws iam create-login-profile --user-name hanako --password 'Correct-Horse-Battery-9'
MFA=$(aws iam create-virtual-mfa-device --virtual-mfa-device-name hanako --outfile /dev/null --bootstrap-method QRCodePNG \
  --query VirtualMFADevice.SerialNumber --output text)
aws iam enable-mfa-device --user-name hanako --serial-number "$MFA" --authentication-code1 123456 --authentication-code2 234567

# The one machine that cannot use a role: one key, new and in use (../overlay/good/iam.GetCredentialReport.csv).
aws iam create-user --user-name on-premises
aws iam add-user-to-group --user-name on-premises --group-name auditors
aws iam create-access-key --user-name on-premises

aws iam create-role --role-name web-server --description 'Web servers' --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
aws iam attach-role-policy --role-name web-server --policy-arn arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore
aws iam put-role-policy --role-name web-server --policy-name reports --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::good-reports/*"}]}'
aws iam create-instance-profile --instance-profile-name web-server
aws iam add-role-to-instance-profile --instance-profile-name web-server --role-name web-server
CONFIG_ROLE=$(aws iam create-role --role-name config --query Role.Arn --output text --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"config.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}')

# Near misses of trust: an external id, a pinned repository, a vendor's role under MFA.
role() { aws iam create-role --role-name "$1" --assume-role-policy-document "{\"Version\":\"2012-10-17\",\"Statement\":[$2]}" "${@:3}"; }
role monitoring '{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::777788889999:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"3f1c9a"}}}'
role deploy '{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme/app:*"}}}'
# Deploys a function whose role can do little more than run, and cannot pass any other.
role reports-job '{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}'
aws iam attach-role-policy --role-name reports-job --policy-arn arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
aws iam put-role-policy --role-name deploy --policy-name deploy --policy-document \
  '{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["lambda:CreateFunction","lambda:UpdateFunctionCode","lambda:InvokeFunction"],"Resource":"arn:aws:lambda:*:111122223333:function:reports-*"},
    {"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/reports-job","Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}]}'
# Makes roles under a boundary, as it is under one itself.
BOUNDARY=$(aws iam create-policy --policy-name boundary --query Policy.Arn --output text --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","iam:CreateRole","iam:PutRolePolicy"],"Resource":["arn:aws:s3:::good-reports/*","arn:aws:iam::111122223333:role/app/*"]}]}')
role platform '{"Effect":"Allow","Principal":{"Service":"codepipeline.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}' \
  --permissions-boundary "$BOUNDARY"
aws iam put-role-policy --role-name platform --policy-name roles --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:CreateRole","iam:PutRolePolicy"],"Resource":"arn:aws:iam::111122223333:role/app/*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/boundary"}}}]}'

# People come from the company's directory; root is managed from here for the whole organization.
aws organizations create-organization --feature-set ALL
aws iam create-saml-provider --name directory --saml-metadata-document \
  "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\">$(printf '%01000d' 0)</EntityDescriptor>"
aws cognito-idp create-user-pool --pool-name customers --mfa-configuration ON --software-token-mfa-configuration Enabled=true \
  || aws cognito-idp create-user-pool --pool-name customers --mfa-configuration ON

### S3: private, versioned, encrypted in transit

for BUCKET in good-reports good-logs; do
  aws s3api create-bucket --bucket "$BUCKET" --object-ownership BucketOwnerEnforced
  aws s3api put-public-access-block --bucket "$BUCKET" --public-access-block-configuration "$BLOCK_PUBLIC_ACCESS"
  aws s3api put-bucket-versioning --bucket "$BUCKET" --versioning-configuration Status=Enabled
  aws s3api put-bucket-encryption --bucket "$BUCKET" --server-side-encryption-configuration \
    '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"},"BucketKeyEnabled":true}]}'
done
aws s3control create-access-point --account-id 111122223333 --name reports --bucket good-reports \
  --public-access-block-configuration "$BLOCK_PUBLIC_ACCESS"
aws s3api put-bucket-tagging --bucket good-reports --tagging 'TagSet=[{Key=Name,Value=月次報告書}]'
aws s3api put-bucket-policy --bucket good-reports --policy \
  '{"Version":"2012-10-17","Statement":[
    {"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::good-reports","arn:aws:s3:::good-reports/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},
    {"Sid":"OurOrganization","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::good-reports/*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}]}'
aws s3api put-bucket-policy --bucket good-logs --policy \
  '{"Version":"2012-10-17","Statement":[
    {"Sid":"AccessLogs","Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::good-logs/*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}},
    {"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::good-logs","arn:aws:s3:::good-logs/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},
    {"Sid":"Trail","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::good-logs/AWSLogs/111122223333/*","Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/everything"}}},
    {"Sid":"Config","Effect":"Allow","Principal":{"Service":"config.amazonaws.com"},"Action":["s3:PutObject","s3:GetBucketAcl"],"Resource":["arn:aws:s3:::good-logs","arn:aws:s3:::good-logs/*"],"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}'
aws s3api put-bucket-logging --bucket good-reports --bucket-logging-status \
  '{"LoggingEnabled":{"TargetBucket":"good-logs","TargetPrefix":"s3/"}}'

### One trail for all regions

aws cloudtrail create-trail --name everything --s3-bucket-name good-logs --is-multi-region-trail \
  --include-global-service-events --enable-log-file-validation
aws cloudtrail put-event-selectors --trail-name everything --event-selectors \
  '[{"ReadWriteType":"All","IncludeManagementEvents":true,"DataResources":[]}]'
aws cloudtrail start-logging --name everything

### In every region: what AWS made closed, what watches switched on

for AWS_DEFAULT_REGION in $REGIONS; do
  aws ec2 enable-ebs-encryption-by-default
  aws guardduty create-detector --enable --finding-publishing-frequency FIFTEEN_MINUTES
  aws configservice put-configuration-recorder --configuration-recorder "name=default,roleARN=$CONFIG_ROLE" \
    --recording-group allSupported=true,includeGlobalResourceTypes=true
  aws configservice put-delivery-channel --delivery-channel name=default,s3BucketName=good-logs
  aws configservice start-configuration-recorder --configuration-recorder-name default

  VPC=$(aws ec2 describe-vpcs --filters Name=is-default,Values=true --query 'Vpcs[0].VpcId' --output text)
  GROUP=$(aws ec2 describe-security-groups --filters "Name=vpc-id,Values=$VPC" Name=group-name,Values=default \
    --query 'SecurityGroups[0].GroupId' --output text)
  aws ec2 revoke-security-group-egress --group-id "$GROUP" --protocol=-1 --cidr 0.0.0.0/0
  ACL=$(aws ec2 describe-network-acls --filters "Name=vpc-id,Values=$VPC" Name=default,Values=true \
    --query 'NetworkAcls[0].NetworkAclId' --output text)
  aws ec2 delete-network-acl-entry --network-acl-id "$ACL" --ingress --rule-number 100
  aws ec2 delete-network-acl-entry --network-acl-id "$ACL" --egress --rule-number 100
  for SUBNET in $(aws ec2 describe-subnets --filters "Name=vpc-id,Values=$VPC" --query 'Subnets[].SubnetId' --output text); do
    aws ec2 modify-subnet-attribute --subnet-id "$SUBNET" --no-map-public-ip-on-launch
  done
  aws ec2 create-flow-logs --resource-type VPC --resource-ids "$VPC" --traffic-type ALL --log-destination-type s3 \
    --log-destination arn:aws:s3:::good-logs
done

### A network, a server and a database in two of them

for AWS_DEFAULT_REGION in us-east-1 eu-west-1; do
  VPC=$(aws ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId --output text \
    --tag-specifications 'ResourceType=vpc,Tags=[{Key=Name,Value=本番}]')
  SUBNET_A=$(aws ec2 create-subnet --vpc-id "$VPC" --cidr-block 10.0.0.0/24 --availability-zone "${AWS_DEFAULT_REGION}a" --query Subnet.SubnetId --output text)
  SUBNET_B=$(aws ec2 create-subnet --vpc-id "$VPC" --cidr-block 10.0.1.0/24 --availability-zone "${AWS_DEFAULT_REGION}b" --query Subnet.SubnetId --output text)
  ROUTES=$(aws ec2 describe-route-tables --filters "Name=vpc-id,Values=$VPC" --query 'RouteTables[0].RouteTableId' --output text)
  aws ec2 create-flow-logs --resource-type VPC --resource-ids "$VPC" --traffic-type ALL --log-destination-type s3 \
    --log-destination arn:aws:s3:::good-logs

  # CIS: the default group allows nothing.
  DEFAULT=$(aws ec2 describe-security-groups --filters "Name=vpc-id,Values=$VPC" Name=group-name,Values=default \
    --query 'SecurityGroups[0].GroupId' --output text)
  aws ec2 revoke-security-group-egress --group-id "$DEFAULT" --protocol=-1 --cidr 0.0.0.0/0
  WEB=$(aws ec2 create-security-group --group-name web --description 'HTTPS from anywhere' --vpc-id "$VPC" --query GroupId --output text)
  aws ec2 authorize-security-group-ingress --group-id "$WEB" --protocol tcp --port 443 --cidr 0.0.0.0/0
  aws ec2 authorize-security-group-ingress --group-id "$WEB" --protocol tcp --port 22 --cidr 10.0.0.0/16
  DATABASE=$(aws ec2 create-security-group --group-name database --description 'PostgreSQL from the web servers' --vpc-id "$VPC" --query GroupId --output text)
  aws ec2 authorize-security-group-ingress --group-id "$DATABASE" --protocol tcp --port 5432 --source-group "$WEB"
  # The emulator makes no interface for a database: only this rule says that the group is in use.
  aws ec2 authorize-security-group-egress --group-id "$WEB" --protocol tcp --port 5432 --source-group "$DATABASE"
  # To one subnet of the default VPC.
  PEER=$(aws ec2 describe-vpcs --filters Name=is-default,Values=true --query 'Vpcs[0].VpcId' --output text)
  PEERING=$(aws ec2 create-vpc-peering-connection --vpc-id "$VPC" --peer-vpc-id "$PEER" \
    --query VpcPeeringConnection.VpcPeeringConnectionId --output text)
  aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id "$PEERING"
  aws ec2 create-route --route-table-id "$ROUTES" --destination-cidr-block 172.31.16.0/20 --vpc-peering-connection-id "$PEERING"

  # Both subnets behind a network ACL that lets in HTTPS, and answers to what went out. RDP is denied
  # by name, since its port lies among the answers'.
  ACL=$(aws ec2 create-network-acl --vpc-id "$VPC" --query NetworkAcl.NetworkAclId --output text)
  aws ec2 create-network-acl-entry --network-acl-id "$ACL" --ingress --rule-number 100 --protocol 6 \
    --port-range From=443,To=443 --cidr-block 0.0.0.0/0 --rule-action allow
  aws ec2 create-network-acl-entry --network-acl-id "$ACL" --ingress --rule-number 110 --protocol=-1 \
    --cidr-block 10.0.0.0/16 --rule-action allow
  aws ec2 create-network-acl-entry --network-acl-id "$ACL" --ingress --rule-number 120 --protocol 6 \
    --port-range From=3389,To=3389 --cidr-block 0.0.0.0/0 --rule-action deny
  aws ec2 create-network-acl-entry --network-acl-id "$ACL" --ingress --rule-number 130 --protocol 6 \
    --port-range From=1024,To=65535 --cidr-block 0.0.0.0/0 --rule-action allow
  for PORTS in From=443,To=443 From=1024,To=65535; do
    aws ec2 create-network-acl-entry --network-acl-id "$ACL" --egress --rule-number "1${PORTS: -2}" --protocol 6 \
      --port-range "$PORTS" --cidr-block 0.0.0.0/0 --rule-action allow
  done
  for ASSOCIATION in $(aws ec2 describe-network-acls --filters "Name=vpc-id,Values=$VPC" Name=default,Values=true \
    --query 'NetworkAcls[0].Associations[].NetworkAclAssociationId' --output text); do
    aws ec2 replace-network-acl-association --association-id "$ASSOCIATION" --network-acl-id "$ACL"
  done

  aws ec2 create-vpc-endpoint --vpc-id "$VPC" --service-name "com.amazonaws.$AWS_DEFAULT_REGION.s3" --route-table-ids "$ROUTES" \
    --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::good-reports/*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}}]}'

  IMAGE=$(aws ec2 describe-images --owners amazon --query 'Images[0].ImageId' --output text)
  aws ec2 run-instances --image-id "$IMAGE" --instance-type t3.micro --subnet-id "$SUBNET_A" --security-group-ids "$WEB" \
    --iam-instance-profile Name=web-server --metadata-options HttpTokens=required,HttpEndpoint=enabled \
    --block-device-mappings '[{"DeviceName":"/dev/xvda","Ebs":{"VolumeSize":8,"Encrypted":true}}]' \
    --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=web},{Key=managed-node,Value=yes}]'
  aws ec2 create-launch-template --launch-template-name web --launch-template-data \
    "{\"ImageId\":\"$IMAGE\",\"MetadataOptions\":{\"HttpTokens\":\"required\"}}"
  VOLUME=$(aws ec2 create-volume --availability-zone "${AWS_DEFAULT_REGION}a" --size 8 --encrypted --query VolumeId --output text)
  aws ec2 create-snapshot --volume-id "$VOLUME" --description 'daily'

  aws rds create-db-subnet-group --db-subnet-group-name private --db-subnet-group-description 'Private subnets' --subnet-ids "$SUBNET_A" "$SUBNET_B"
  aws rds create-db-instance --db-instance-identifier good-orders --engine postgres --db-instance-class db.t3.micro --allocated-storage 20 \
    --master-username orders_owner --master-user-password 'Secret-Password-1' --no-publicly-accessible --storage-encrypted \
    --auto-minor-version-upgrade --backup-retention-period 14 --multi-az --deletion-protection --enable-iam-database-authentication \
    --db-subnet-group-name private --vpc-security-group-ids "$DATABASE"
  aws rds create-db-snapshot --db-instance-identifier good-orders --db-snapshot-identifier good-orders-private
  aws rds create-db-cluster --db-cluster-identifier good-events --engine aurora-mysql --master-username events_owner \
    --master-user-password 'Secret-Password-2' --storage-encrypted --backup-retention-period 14 --deletion-protection \
    --enable-iam-database-authentication --availability-zones "${AWS_DEFAULT_REGION}a" "${AWS_DEFAULT_REGION}b"
  for ZONE in a b; do
    aws rds create-db-instance --db-instance-identifier "good-events-$ZONE" --db-cluster-identifier good-events --engine aurora-mysql \
      --db-instance-class db.r6g.large --availability-zone "$AWS_DEFAULT_REGION$ZONE" --no-publicly-accessible --auto-minor-version-upgrade \
      --db-subnet-group-name private --vpc-security-group-ids "$DATABASE"
  done
  aws rds create-db-cluster-snapshot --db-cluster-identifier good-events --db-cluster-snapshot-identifier good-events-private

  aws ssm create-document --name SSM-SessionManagerRunShell --document-type Session --document-format JSON --content \
    '{"schemaVersion":"1.0","description":"Session Manager","sessionType":"Standard_Stream","inputs":{"s3BucketName":"good-logs","s3KeyPrefix":"sessions","s3EncryptionEnabled":true,"cloudWatchLogGroupName":""}}'
done
