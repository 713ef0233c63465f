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
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Put*"],"Resource":["arn:aws:s3:::good-reports","arn:aws:s3:::good-reports/*"]}]}'
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
aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com --client-id-list sts.amazonaws.com
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
POOL=$(aws cognito-idp create-user-pool --pool-name customers --mfa-configuration ON --user-pool-add-ons AdvancedSecurityMode=ENFORCED \
  --policies 'PasswordPolicy={MinimumLength=12,RequireUppercase=true,RequireLowercase=true,RequireNumbers=true,RequireSymbols=true}' \
  --query UserPool.Id --output text)
# Guests may not; those who signed in get a role of their own.
aws cognito-identity create-identity-pool --identity-pool-name customers --no-allow-unauthenticated-identities

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
    {"Sid":"CloudFront","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::good-reports/*","Condition":{"StringEquals":{"AWS:SourceArn":"arn:aws:cloudfront::111122223333:distribution/E1GOODSITE0001"}}},
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

# Where a machine of the office is managed (../overlay/good/).
aws ssm create-document --region ap-northeast-1 --name SSM-SessionManagerRunShell --document-type Session --document-format JSON --content \
  '{"schemaVersion":"1.0","description":"Session Manager","sessionType":"Standard_Stream","inputs":{"s3BucketName":"good-logs","s3KeyPrefix":"sessions","s3EncryptionEnabled":true,"cloudWatchLogGroupName":""}}'

### A network, a server, a database and an application in two of them (CloudFront and its web ACL: ../overlay/good/)

role eks '{"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}'
role build '{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}'
CODE=$(mktemp --suffix .zip)
python3 -c "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').writestr('index.py', 'def handler(event, context): pass')" "$CODE"

for AWS_DEFAULT_REGION in us-east-1 eu-west-1; do
  VPC=$(aws ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId --output text \
    --tag-specifications 'ResourceType=vpc,Tags=[{Key=Name,Value=本番}]')
  SUBNET_A=$(aws ec2 create-subnet --vpc-id "$VPC" --cidr-block 10.0.0.0/24 --availability-zone "${AWS_DEFAULT_REGION}a" --query Subnet.SubnetId --output text)
  SUBNET_B=$(aws ec2 create-subnet --vpc-id "$VPC" --cidr-block 10.0.1.0/24 --availability-zone "${AWS_DEFAULT_REGION}b" --query Subnet.SubnetId --output text)
  # Two more for the load balancer, which is all that faces the internet.
  SUBNET_C=$(aws ec2 create-subnet --vpc-id "$VPC" --cidr-block 10.0.2.0/24 --availability-zone "${AWS_DEFAULT_REGION}a" --query Subnet.SubnetId --output text)
  SUBNET_D=$(aws ec2 create-subnet --vpc-id "$VPC" --cidr-block 10.0.3.0/24 --availability-zone "${AWS_DEFAULT_REGION}b" --query Subnet.SubnetId --output text)
  ROUTES=$(aws ec2 describe-route-tables --filters "Name=vpc-id,Values=$VPC" --query 'RouteTables[0].RouteTableId' --output text)
  GATEWAY=$(aws ec2 create-internet-gateway --query InternetGateway.InternetGatewayId --output text)
  aws ec2 attach-internet-gateway --internet-gateway-id "$GATEWAY" --vpc-id "$VPC"
  PUBLIC_ROUTES=$(aws ec2 create-route-table --vpc-id "$VPC" --query RouteTable.RouteTableId --output text)
  aws ec2 create-route --route-table-id "$PUBLIC_ROUTES" --destination-cidr-block 0.0.0.0/0 --gateway-id "$GATEWAY"
  for SUBNET in "$SUBNET_C" "$SUBNET_D"; do aws ec2 associate-route-table --route-table-id "$PUBLIC_ROUTES" --subnet-id "$SUBNET"; done
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

  aws ec2 create-vpc-endpoint --vpc-id "$VPC" --vpc-endpoint-type Gateway --service-name "com.amazonaws.$AWS_DEFAULT_REGION.s3" --route-table-ids "$ROUTES" \
    --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::good-reports/*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}}]}'

  # To the VPC's own machines only, for the account's own principals only.
  ENDPOINT=$(aws ec2 create-security-group --group-name endpoints --description 'HTTPS from the VPC' --vpc-id "$VPC" --query GroupId --output text)
  aws ec2 authorize-security-group-ingress --group-id "$ENDPOINT" --protocol tcp --port 443 --cidr 10.0.0.0/16
  # The emulator makes no interfaces for endpoints and load balancers either.
  aws ec2 authorize-security-group-egress --group-id "$WEB" --protocol tcp --port 443 --source-group "$ENDPOINT"
  aws ec2 create-vpc-endpoint --vpc-id "$VPC" --vpc-endpoint-type Interface --service-name "com.amazonaws.$AWS_DEFAULT_REGION.secretsmanager" \
    --subnet-ids "$SUBNET_A" --security-group-ids "$ENDPOINT" --policy-document \
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:*:111122223333:secret:*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}}]}'

  KEY=$(aws kms create-key --key-usage ENCRYPT_DECRYPT --description 'Orders' --query KeyMetadata.Arn --output text)
  aws kms enable-key-rotation --key-id "$KEY"
  aws kms create-alias --alias-name alias/orders --target-key-id "$KEY"

  # An image of its own, made today.
  IMAGE=$(aws ec2 register-image --name golden --root-device-name /dev/xvda --architecture x86_64 --virtualization-type hvm --query ImageId --output text)
  aws ec2 run-instances --image-id "$IMAGE" --instance-type t3.micro --subnet-id "$SUBNET_A" --security-group-ids "$WEB" \
    --iam-instance-profile Name=web-server --metadata-options HttpTokens=required,HttpEndpoint=enabled \
    --block-device-mappings "[{\"DeviceName\":\"/dev/xvda\",\"Ebs\":{\"VolumeSize\":8,\"Encrypted\":true,\"KmsKeyId\":\"$KEY\"}}]" \
    --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=web},{Key=managed-node,Value=yes},{Key=patched-days-ago,Value=2}]'
  aws ec2 create-launch-template --launch-template-name web --launch-template-data \
    "{\"ImageId\":\"$IMAGE\",\"MetadataOptions\":{\"HttpTokens\":\"required\"},\"UserData\":\"$(printf '#!/bin/bash\nDB_PASSWORD=$(aws ssm get-parameter --name /prod/db/password --with-decryption --query Parameter.Value --output text)\nexport DB_PASSWORD\n' | base64 -w0)\"}"
  VOLUME=$(aws ec2 create-volume --availability-zone "${AWS_DEFAULT_REGION}a" --size 8 --encrypted --kms-key-id "$KEY" --query VolumeId --output text)
  aws ec2 create-snapshot --volume-id "$VOLUME" --description 'daily'

  aws rds create-db-subnet-group --db-subnet-group-name private --db-subnet-group-description 'Private subnets' --subnet-ids "$SUBNET_A" "$SUBNET_B"
  aws rds create-db-instance --db-instance-identifier good-orders --engine postgres --engine-version 17.6 --ca-certificate-identifier rds-ca-rsa2048-g1 --db-instance-class db.t3.micro --allocated-storage 20 \
    --master-username orders_owner --master-user-password 'Secret-Password-1' --no-publicly-accessible --storage-encrypted \
    --auto-minor-version-upgrade --backup-retention-period 14 --multi-az --deletion-protection --enable-iam-database-authentication \
    --db-subnet-group-name private --vpc-security-group-ids "$DATABASE"
  aws rds create-db-snapshot --db-instance-identifier good-orders --db-snapshot-identifier good-orders-private
  aws dms create-replication-instance --replication-instance-identifier good-migration --replication-instance-class dms.t3.micro \
    --no-publicly-accessible --vpc-security-group-ids "$DATABASE"
  aws rds create-db-cluster --db-cluster-identifier good-events --engine aurora-mysql --engine-version 8.0.mysql_aurora.3.10.0 --master-username events_owner \
    --master-user-password 'Secret-Password-2' --storage-encrypted --backup-retention-period 14 --deletion-protection \
    --enable-iam-database-authentication --enable-cloudwatch-logs-exports audit error general slowquery --availability-zones "${AWS_DEFAULT_REGION}a" "${AWS_DEFAULT_REGION}b"
  for ZONE in a b; do
    aws rds create-db-instance --db-instance-identifier "good-events-$ZONE" --db-cluster-identifier good-events --engine aurora-mysql --engine-version 8.0.mysql_aurora.3.10.0 --ca-certificate-identifier rds-ca-rsa2048-g1 \
      --db-instance-class db.r6g.large --availability-zone "$AWS_DEFAULT_REGION$ZONE" --no-publicly-accessible --auto-minor-version-upgrade \
      --db-subnet-group-name private --vpc-security-group-ids "$DATABASE"
  done
  aws rds create-db-cluster-snapshot --db-cluster-identifier good-events --db-cluster-snapshot-identifier good-events-private

  aws ssm create-document --name SSM-SessionManagerRunShell --document-type Session --document-format JSON --content \
    '{"schemaVersion":"1.0","description":"Session Manager","sessionType":"Standard_Stream","inputs":{"s3BucketName":"good-logs","s3KeyPrefix":"sessions","s3EncryptionEnabled":true,"cloudWatchLogGroupName":""}}'

  # A load balancer that a web ACL protects, and that answers nobody who does not come through CloudFront.
  CERTIFICATE=$(aws acm request-certificate --domain-name '*.example.com' --validation-method DNS --query CertificateArn --output text)
  FRONT=$(aws ec2 create-security-group --group-name front --description 'HTTPS from anywhere' --vpc-id "$VPC" --query GroupId --output text)
  aws ec2 authorize-security-group-ingress --group-id "$FRONT" --protocol tcp --port 443 --cidr 0.0.0.0/0
  aws ec2 authorize-security-group-ingress --group-id "$WEB" --protocol tcp --port 443 --source-group "$FRONT"
  BALANCER=$(aws elbv2 create-load-balancer --name front --subnets "$SUBNET_C" "$SUBNET_D" --security-groups "$FRONT" --scheme internet-facing \
    --query 'LoadBalancers[0].LoadBalancerArn' --output text)
  aws elbv2 modify-load-balancer-attributes --load-balancer-arn "$BALANCER" --attributes Key=access_logs.s3.enabled,Value=true \
    Key=access_logs.s3.bucket,Value=good-logs Key=access_logs.s3.prefix,Value=elb Key=deletion_protection.enabled,Value=true \
    Key=routing.http.drop_invalid_header_fields.enabled,Value=true
  TARGETS=$(aws elbv2 create-target-group --name front --protocol HTTPS --port 443 --vpc-id "$VPC" --query 'TargetGroups[0].TargetGroupArn' --output text)
  LISTENER=$(aws elbv2 create-listener --load-balancer-arn "$BALANCER" --protocol HTTPS --port 443 --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06 \
    --certificates "CertificateArn=$CERTIFICATE" --default-actions 'Type=fixed-response,FixedResponseConfig={StatusCode=403,ContentType=text/plain}' \
    --query 'Listeners[0].ListenerArn' --output text)
  aws elbv2 create-rule --listener-arn "$LISTENER" --priority 10 --actions "Type=forward,TargetGroupArn=$TARGETS" \
    --conditions '[{"Field":"http-header","HttpHeaderConfig":{"HttpHeaderName":"X-Origin-Verify","Values":["k2Zr9vQ1"]}}]'

  SHOWN='"VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"front"}'
  ACL=$(aws wafv2 create-web-acl --scope REGIONAL --name front --default-action Allow={} \
    --visibility-config SampledRequestsEnabled=true,CloudWatchMetricsEnabled=true,MetricName=front --query Summary.ARN --output text --rules "[
    {\"Name\":\"common\",\"Priority\":0,\"OverrideAction\":{\"None\":{}},$SHOWN,\"Statement\":{\"ManagedRuleGroupStatement\":{\"VendorName\":\"AWS\",\"Name\":\"AWSManagedRulesCommonRuleSet\"}}},
    {\"Name\":\"sql\",\"Priority\":1,\"OverrideAction\":{\"None\":{}},$SHOWN,\"Statement\":{\"ManagedRuleGroupStatement\":{\"VendorName\":\"AWS\",\"Name\":\"AWSManagedRulesSQLiRuleSet\"}}},
    {\"Name\":\"rate\",\"Priority\":2,\"Action\":{\"Block\":{}},$SHOWN,\"Statement\":{\"RateBasedStatement\":{\"Limit\":2000,\"EvaluationWindowSec\":300,\"AggregateKeyType\":\"IP\"}}}]")
  aws wafv2 put-logging-configuration --logging-configuration "ResourceArn=$ACL,LogDestinationConfigs=arn:aws:s3:::aws-waf-logs-good"
  aws wafv2 associate-web-acl --web-acl-arn "$ACL" --resource-arn "$BALANCER"
  [ "$AWS_DEFAULT_REGION" != us-east-1 ] || aws wafv2 associate-web-acl --web-acl-arn "$ACL" \
    --resource-arn "arn:aws:cognito-idp:us-east-1:111122223333:userpool/$POOL"
  aws shield create-protection --name "front-$AWS_DEFAULT_REGION" --resource-arn "$BALANCER" --region us-east-1

  API=$(aws apigateway create-rest-api --name orders --endpoint-configuration types=REGIONAL --query id --output text)
  ROOT=$(aws apigateway get-resources --rest-api-id "$API" --query 'items[0].id' --output text)
  aws apigateway put-method --rest-api-id "$API" --resource-id "$ROOT" --http-method GET --authorization-type AWS_IAM
  aws apigateway put-integration --rest-api-id "$API" --resource-id "$ROOT" --http-method GET --type MOCK
  aws apigateway create-deployment --rest-api-id "$API" --stage-name prod
  aws apigateway update-stage --rest-api-id "$API" --stage-name prod --patch-operations '[
    {"op":"replace","path":"/accessLogSettings/destinationArn","value":"arn:aws:logs:us-east-1:111122223333:log-group:/api/orders"},
    {"op":"replace","path":"/*/*/logging/loglevel","value":"INFO"}]'
  aws wafv2 associate-web-acl --web-acl-arn "$ACL" --resource-arn "arn:aws:apigateway:$AWS_DEFAULT_REGION::/restapis/$API/stages/prod"

  # What else the key encrypts.
  aws kms create-key --description 'Signs releases: no rotation for these' --key-usage SIGN_VERIFY --key-spec RSA_2048
  # The dates: ../overlay/good/. The tag makes the emulator end their ARNs as there.
  for SECRET in orders-db new-token; do
    aws secretsmanager create-secret --name "$SECRET" --secret-string not-kept-here --kms-key-id "$KEY" --tags Key=_custom_id_,Value=a1B2c3
    aws secretsmanager put-resource-policy --secret-id "$SECRET" --resource-policy \
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/web-server"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}'
  done
  aws ssm put-parameter --name /prod/db/password --type SecureString --value not-kept-here --key-id "$KEY"
  aws ssm put-parameter --name /prod/db/host --type String --value orders.example.com

  aws lambda create-function --function-name reports-daily --runtime python3.13 --handler index.handler --zip-file "fileb://$CODE" \
    --role arn:aws:iam::111122223333:role/reports-job --environment 'Variables={DB_PASSWORD_PARAMETER=/prod/db/password,LOG_LEVEL=info}'
  aws lambda add-permission --function-name reports-daily --statement-id schedule --action lambda:InvokeFunction --principal events.amazonaws.com \
    --source-arn "arn:aws:events:$AWS_DEFAULT_REGION:111122223333:rule/daily"
  aws lambda create-function-url-config --function-name reports-daily --auth-type AWS_IAM
  for GROUP in /aws/lambda/reports-daily /api/orders /ecs/orders; do
    aws logs create-log-group --log-group-name "$GROUP" --kms-key-id "$KEY"
    aws logs put-retention-policy --log-group-name "$GROUP" --retention-in-days 365
  done

  aws ecs create-cluster --cluster-name orders
  TASK=$(aws ecs register-task-definition --family orders --requires-compatibilities FARGATE --network-mode awsvpc --cpu 256 --memory 512 \
    --container-definitions "[{\"name\":\"app\",\"image\":\"example/orders:1\",\"environment\":[{\"name\":\"LOG_LEVEL\",\"value\":\"info\"}],\"secrets\":[{\"name\":\"DB_PASSWORD\",\"valueFrom\":\"arn:aws:secretsmanager:$AWS_DEFAULT_REGION:111122223333:secret:orders-db-a1B2c3\"}],
      \"logConfiguration\":{\"logDriver\":\"awslogs\",\"options\":{\"awslogs-group\":\"/ecs/orders\",\"awslogs-region\":\"$AWS_DEFAULT_REGION\",\"awslogs-stream-prefix\":\"app\"}}}]" \
    --query taskDefinition.taskDefinitionArn --output text)
  aws ecs create-service --cluster orders --service-name orders --task-definition "$TASK" --desired-count 1 --launch-type FARGATE --platform-version LATEST \
    --network-configuration "awsvpcConfiguration={subnets=[$SUBNET_A],securityGroups=[$WEB]}"
  aws eks create-cluster --name orders --kubernetes-version 1.35 --role-arn arn:aws:iam::111122223333:role/eks \
    --resources-vpc-config "subnetIds=$SUBNET_A,$SUBNET_B,endpointPublicAccess=false,endpointPrivateAccess=true" \
    --encryption-config "[{\"resources\":[\"secrets\"],\"provider\":{\"keyArn\":\"$KEY\"}}]" \
    --logging '{"clusterLogging":[{"types":["api","audit","authenticator","controllerManager","scheduler"],"enabled":true}]}'
  aws opensearch create-domain --domain-name search --engine-version OpenSearch_2.11

  aws ecr put-registry-scanning-configuration --scan-type ENHANCED \
    --rules '[{"scanFrequency":"CONTINUOUS_SCAN","repositoryFilters":[{"filter":"*","filterType":"WILDCARD"}]}]'
  aws ecr create-repository --repository-name app --image-scanning-configuration scanOnPush=true --image-tag-mutability IMMUTABLE
  aws ecr put-lifecycle-policy --repository-name app --lifecycle-policy-text \
    '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":30},"action":{"type":"expire"}}]}'
  aws ecr set-repository-policy --repository-name app --policy-text \
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}]}'
  aws ecr put-image --repository-name app --image-tag latest --image-manifest \
    "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\",\"size\":7023,\"digest\":\"sha256:$(printf app | sha256sum | cut -c1-64)\"},\"layers\":[]}"

  aws codebuild create-project --name release --source type=CODECOMMIT,location=https://git-codecommit.us-east-1.amazonaws.com/v1/repos/app \
    --artifacts type=NO_ARTIFACTS --service-role arn:aws:iam::111122223333:role/build --environment \
    '{"type":"LINUX_CONTAINER","image":"aws/codebuild/standard:7.0","computeType":"BUILD_GENERAL1_SMALL","environmentVariables":[{"name":"STAGE","value":"prod","type":"PLAINTEXT"},{"name":"DB_PASSWORD","value":"orders-db","type":"SECRETS_MANAGER"}]}'
  aws cloudformation create-stack --stack-name orders --template-body \
    '{"Resources":{"Host":{"Type":"AWS::SSM::Parameter","Properties":{"Name":"/orders/host","Type":"String","Value":"orders.example.com"}}},"Outputs":{"Host":{"Value":{"Ref":"Host"}}}}'
done
rm "$CODE"
for DISTRIBUTION in E1GOODSITE0001 E2GOODAPP00002; do
  aws shield create-protection --name "$DISTRIBUTION" --resource-arn "arn:aws:cloudfront::111122223333:distribution/$DISTRIBUTION" --region us-east-1
done

### Recording, detection, response, and data elsewhere

export AWS_DEFAULT_REGION=us-east-1

# 15 and 18 · The trail: encrypted, with insights and object events, into a log group that alarms watch. What GetTrailStatus
# says of the delivery there is in ../overlay/good/.
key() {
  aws kms create-key --description "$1" --query KeyMetadata.Arn --output text
}
TRAIL_KEY=$(key 'The trail and its log group')
aws kms enable-key-rotation --key-id "$TRAIL_KEY"
aws s3api create-bucket --bucket good-trail --object-ownership BucketOwnerEnforced
aws s3api put-public-access-block --bucket good-trail --public-access-block-configuration "$BLOCK_PUBLIC_ACCESS"
aws s3api put-bucket-versioning --bucket good-trail --versioning-configuration Status=Enabled
aws s3api put-bucket-encryption --bucket good-trail --server-side-encryption-configuration \
  "{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"aws:kms\",\"KMSMasterKeyID\":\"$TRAIL_KEY\"},\"BucketKeyEnabled\":true}]}"
aws s3api put-bucket-policy --bucket good-trail --policy \
  '{"Version":"2012-10-17","Statement":[
    {"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::good-trail","arn:aws:s3:::good-trail/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},
    {"Sid":"Trail","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":["s3:GetBucketAcl","s3:PutObject"],"Resource":["arn:aws:s3:::good-trail","arn:aws:s3:::good-trail/AWSLogs/111122223333/*"],"Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/everything"}}}]}'
aws s3api put-bucket-logging --bucket good-trail --bucket-logging-status \
  '{"LoggingEnabled":{"TargetBucket":"good-logs","TargetPrefix":"trail/"}}'

log_group() {
  aws logs create-log-group --log-group-name "$1" --kms-key-id "$2"
  aws logs put-retention-policy --log-group-name "$1" --retention-in-days "${3:-400}"
}
log_group /cloudtrail/everything "$TRAIL_KEY" 3653
TRAIL_ROLE=$(aws iam create-role --role-name cloudtrail --query Role.Arn --output text --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/everything"}}}]}')
aws iam put-role-policy --role-name cloudtrail --policy-name logs --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:us-east-1:111122223333:log-group:/cloudtrail/everything:log-stream:*"}]}'
aws cloudtrail update-trail --name everything --s3-bucket-name good-trail --kms-key-id "$TRAIL_KEY" --is-multi-region-trail \
  --include-global-service-events --enable-log-file-validation --cloud-watch-logs-role-arn "$TRAIL_ROLE" \
  --cloud-watch-logs-log-group-arn 'arn:aws:logs:us-east-1:111122223333:log-group:/cloudtrail/everything:*'
aws cloudtrail put-event-selectors --trail-name everything --advanced-event-selectors \
  '[{"Name":"Management","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]},
    {"Name":"Objects","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}]}]'
aws cloudtrail put-insight-selectors --trail-name everything \
  --insight-selectors '[{"InsightType":"ApiCallRateInsight"},{"InsightType":"ApiErrorRateInsight"}]'

# The filters and alarms that CIS asks for, in its words.
alarm() {
  aws logs put-metric-filter --log-group-name /cloudtrail/everything --filter-name "$1" --filter-pattern "$2" \
    --metric-transformations "metricName=$1,metricNamespace=CISBenchmark,metricValue=1"
  aws cloudwatch put-metric-alarm --alarm-name "$1" --namespace CISBenchmark --metric-name "$1" --statistic Sum --period 300 \
    --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions arn:aws:sns:us-east-1:111122223333:security
}
events() { # SOURCE EVENT…: a pattern for events of a source, if one is given
  local names
  names=$(printf '($.eventName = %s) || ' "${@:2}")
  names=${names% || }
  if [ -n "$1" ]; then echo "{(\$.eventSource = $1) && ($names)}"; else echo "{ $names }"; fi
}
alarm unauthorized-calls '{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }'
alarm console-without-mfa '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }'
alarm root-use '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }'
alarm iam-changes "$(events iam.amazonaws.com DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy \
  PutUserPolicy CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy AttachUserPolicy \
  DetachUserPolicy AttachGroupPolicy DetachGroupPolicy)"
alarm cloudtrail-changes "$(events '' CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging)"
alarm console-failures '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }'
alarm key-deletion '{($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }'
alarm bucket-policy-changes "$(events s3.amazonaws.com PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle \
  PutBucketReplication DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication)"
alarm config-changes "$(events config.amazonaws.com StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel \
  PutConfigurationRecorder)"
alarm security-group-changes "$(events '' AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress \
  RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup ModifySecurityGroupRules)"
alarm nacl-changes "$(events '' CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry \
  ReplaceNetworkAclAssociation)"
alarm gateway-changes "$(events '' CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway \
  DeleteInternetGateway DetachInternetGateway)"
alarm route-changes "$(events ec2.amazonaws.com CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation \
  DeleteRouteTable DeleteRoute DisassociateRouteTable)"
alarm vpc-changes "$(events '' CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection \
  DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink \
  EnableVpcClassicLink)"
alarm organization-changes "$(events organizations.amazonaws.com '"AcceptHandshake"' '"AttachPolicy"' '"CreateAccount"' \
  '"CreateOrganizationalUnit"' '"CreatePolicy"' '"DeclineHandshake"' '"DeleteOrganization"' '"DeleteOrganizationalUnit"' '"DeletePolicy"' \
  '"DetachPolicy"' '"DisablePolicyType"' '"EnablePolicyType"' '"InviteAccountToOrganization"' '"LeaveOrganization"' '"MoveAccount"' \
  '"RemoveAccountFromOrganization"' '"UpdatePolicy"' '"UpdateOrganizationalUnit"')"

# 21 · Somebody may open support cases; member accounts may not leave. Contacts and the response plan: ../overlay/good/.
aws iam create-role --role-name support --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}'
aws iam attach-role-policy --role-name support --policy-arn arn:aws:iam::aws:policy/AWSSupportAccess
ROOT=$(aws organizations list-roots --query 'Roots[0].Id' --output text)
aws organizations enable-policy-type --root-id "$ROOT" --policy-type SERVICE_CONTROL_POLICY
GUARDRAIL=$(aws organizations create-policy --name no-leaving --type SERVICE_CONTROL_POLICY --description 'Trails stay, accounts too' \
  --query Policy.PolicySummary.Id --output text --content \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["organizations:LeaveOrganization","cloudtrail:StopLogging","cloudtrail:DeleteTrail"],"Resource":"*"}]}')
aws organizations attach-policy --policy-id "$GUARDRAIL" --target-id "$ROOT"

for AWS_DEFAULT_REGION in $REGIONS; do
  KEY=$(key 'Logs, messages and files')
  aws kms enable-key-rotation --key-id "$KEY"
  aws kms create-alias --alias-name alias/data --target-key-id "$KEY"

  # 14 · Rules; what they found is in ../overlay/good/.
  for RULE in S3_BUCKET_SSL_REQUESTS_ONLY ENCRYPTED_VOLUMES IAM_USER_MFA_ENABLED; do
    NAME=$(echo "$RULE" | tr '[:upper:]_' '[:lower:]-')
    aws configservice put-config-rule --config-rule \
      "{\"ConfigRuleName\":\"$NAME\",\"Source\":{\"Owner\":\"AWS\",\"SourceIdentifier\":\"$RULE\"}}"
  done

  # 19 and 20 · Standards, Inspector, Macie and Detective are in ../overlay/good/.
  aws securityhub enable-security-hub --enable-default-standards
  DETECTOR=$(aws guardduty list-detectors --query 'DetectorIds[0]' --output text)
  aws guardduty update-detector --detector-id "$DETECTOR" --enable --features \
    '[{"Name":"S3_DATA_EVENTS","Status":"ENABLED"},{"Name":"EKS_AUDIT_LOGS","Status":"ENABLED"},{"Name":"EBS_MALWARE_PROTECTION","Status":"ENABLED"},
      {"Name":"RDS_LOGIN_EVENTS","Status":"ENABLED"},{"Name":"LAMBDA_NETWORK_LOGS","Status":"ENABLED"},
      {"Name":"RUNTIME_MONITORING","Status":"ENABLED","AdditionalConfiguration":[{"Name":"EKS_ADDON_MANAGEMENT","Status":"ENABLED"},{"Name":"ECS_FARGATE_AGENT_MANAGEMENT","Status":"ENABLED"},{"Name":"EC2_AGENT_MANAGEMENT","Status":"ENABLED"}]}]'

  # 21 · Findings reach people: they confirmed the subscription (../overlay/good/).
  PEOPLE=$(aws sns create-topic --name security --attributes KmsMasterKeyId=alias/data --query TopicArn --output text)
  aws sns subscribe --topic-arn "$PEOPLE" --protocol email --notification-endpoint security@example.com
  rule() {
    aws events put-rule --name "$1" --event-pattern "$2"
    aws events put-targets --rule "$1" --targets "Id=people,Arn=$PEOPLE"
  }
  rule guardduty '{"source":["aws.guardduty"],"detail-type":["GuardDuty Finding"],"detail":{"severity":[{"numeric":[">=",4]}]}}'
  rule security-hub '{"source":["aws.securityhub"],"detail-type":["Security Hub Findings - Imported"],"detail":{"findings":{"Severity":{"Label":["HIGH","CRITICAL"]},"Workflow":{"Status":["NEW"]}}}}'
  aws backup create-backup-vault --backup-vault-name daily --encryption-key-arn "$KEY"
  aws backup create-backup-plan --backup-plan \
    '{"BackupPlanName":"daily","Rules":[{"RuleName":"daily","TargetBackupVaultName":"daily","ScheduleExpression":"cron(0 18 * * ? *)","Lifecycle":{"DeleteAfterDays":35}}]}'

  # Data elsewhere: encrypted, restorable, for this account only.
  aws sqs create-queue --queue-name jobs --attributes "{\"KmsMasterKeyId\":\"$KEY\",\"Policy\":\"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"Service\\\":\\\"sns.amazonaws.com\\\"},\\\"Action\\\":\\\"sqs:SendMessage\\\",\\\"Resource\\\":\\\"arn:aws:sqs:$AWS_DEFAULT_REGION:111122223333:jobs\\\",\\\"Condition\\\":{\\\"ArnEquals\\\":{\\\"aws:SourceArn\\\":\\\"$PEOPLE\\\"}}}]}\"}"
  aws dynamodb create-table --table-name sessions --attribute-definitions AttributeName=id,AttributeType=S \
    --key-schema AttributeName=id,KeyType=HASH --billing-mode PAY_PER_REQUEST
  aws dynamodb update-continuous-backups --table-name sessions \
    --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true
done

for AWS_DEFAULT_REGION in us-east-1 eu-west-1; do
  KEY=$(aws kms describe-key --key-id alias/data --query KeyMetadata.Arn --output text)
  VPC=$(aws ec2 describe-vpcs --filters Name=tag:Name,Values=本番 --query 'Vpcs[0].VpcId' --output text)
  SUBNETS=$(aws ec2 describe-subnets --filters "Name=vpc-id,Values=$VPC" Name=cidr-block,Values=10.0.0.0/24,10.0.1.0/24 --query 'Subnets[].SubnetId' --output text)
  group_of() {
    aws ec2 describe-security-groups --filters "Name=vpc-id,Values=$VPC" "Name=group-name,Values=$1" \
      --query 'SecurityGroups[0].GroupId' --output text
  }
  WEB=$(group_of web)
  DATABASE=$(group_of database)

  aws rds modify-db-instance --db-instance-identifier good-orders --cloudwatch-logs-export-configuration '{"EnableLogTypes":["postgresql","upgrade"]}'
  for ZONE in a b; do
    aws rds modify-db-instance --db-instance-identifier "good-events-$ZONE" --cloudwatch-logs-export-configuration '{"EnableLogTypes":["audit","error","general","slowquery"]}'
  done

  # A load balancer inside; HTTP only sends to HTTPS.
  CERTIFICATE=$(aws acm request-certificate --domain-name "inside.$AWS_DEFAULT_REGION.example.com" --validation-method DNS --query CertificateArn --output text)
  BALANCER=$(aws elbv2 create-load-balancer --name inside --scheme internal --subnets $SUBNETS --security-groups "$WEB" \
    --query 'LoadBalancers[0].LoadBalancerArn' --output text)
  TARGETS=$(aws elbv2 create-target-group --name inside --protocol HTTPS --port 443 --vpc-id "$VPC" --query 'TargetGroups[0].TargetGroupArn' --output text)
  aws elbv2 create-listener --load-balancer-arn "$BALANCER" --protocol HTTPS --port 443 --ssl-policy ELBSecurityPolicy-TLS13-1-2-Res-2021-06 \
    --certificates "CertificateArn=$CERTIFICATE" --default-actions "Type=forward,TargetGroupArn=$TARGETS"
  aws elbv2 create-listener --load-balancer-arn "$BALANCER" --protocol HTTP --port 80 --default-actions \
    'Type=redirect,RedirectConfig={Protocol=HTTPS,Port=443,StatusCode=HTTP_301}'
  for BALANCER in $(aws elbv2 describe-load-balancers --query 'LoadBalancers[].LoadBalancerArn' --output text); do
    aws elbv2 modify-load-balancer-attributes --load-balancer-arn "$BALANCER" \
      --attributes Key=access_logs.s3.enabled,Value=true Key=access_logs.s3.bucket,Value=good-logs
  done
  aws elb create-load-balancer --load-balancer-name classic --scheme internal --subnets $SUBNETS --security-groups "$WEB" --listeners \
    "Protocol=HTTPS,LoadBalancerPort=443,InstanceProtocol=HTTPS,InstancePort=443,SSLCertificateId=$CERTIFICATE"
  aws elb modify-load-balancer-attributes --load-balancer-name classic --load-balancer-attributes \
    '{"AccessLog":{"Enabled":true,"S3BucketName":"good-logs","EmitInterval":60,"S3BucketPrefix":"elb"}}'

  # APIs: one inside the VPC, one in front of functions. Every stage logs.
  log_group api "$KEY"
  API=$(aws apigateway create-rest-api --name inside --endpoint-configuration types=PRIVATE --query id --output text)
  RESOURCE=$(aws apigateway get-resources --rest-api-id "$API" --query 'items[0].id' --output text)
  aws apigateway put-method --rest-api-id "$API" --resource-id "$RESOURCE" --http-method GET --authorization-type AWS_IAM
  aws apigateway put-integration --rest-api-id "$API" --resource-id "$RESOURCE" --http-method GET --type MOCK
  aws apigateway create-deployment --rest-api-id "$API" --stage-name live
  for API in $(aws apigateway get-rest-apis --query 'items[].id' --output text); do
    for STAGE in $(aws apigateway get-stages --rest-api-id "$API" --query 'item[].stageName' --output text); do
      aws apigateway update-stage --rest-api-id "$API" --stage-name "$STAGE" --patch-operations op=replace,path=/*/*/logging/loglevel,value=INFO \
        "op=replace,path=/accessLogSettings/destinationArn,value=arn:aws:logs:$AWS_DEFAULT_REGION:111122223333:log-group:api" \
        'op=replace,path=/accessLogSettings/format,value=$context.requestId'
    done
  done
  API=$(aws apigatewayv2 create-api --name functions --protocol-type HTTP --query ApiId --output text)
  aws apigatewayv2 create-stage --api-id "$API" --stage-name '$default' --auto-deploy --access-log-settings \
    "DestinationArn=arn:aws:logs:$AWS_DEFAULT_REGION:111122223333:log-group:api,Format=\$context.requestId"

  log_group tasks "$KEY"
  aws ecs register-task-definition --family worker --container-definitions \
    "[{\"name\":\"worker\",\"image\":\"111122223333.dkr.ecr.$AWS_DEFAULT_REGION.amazonaws.com/worker:1\",\"memory\":256,\"logConfiguration\":{\"logDriver\":\"awslogs\",\"options\":{\"awslogs-group\":\"tasks\",\"awslogs-region\":\"$AWS_DEFAULT_REGION\",\"awslogs-stream-prefix\":\"worker\"}}}]"
  for FUNCTION in $(aws lambda list-functions --query 'Functions[].FunctionName' --output text); do
    FOUND=$(aws logs describe-log-groups --log-group-name-prefix "/aws/lambda/$FUNCTION" --query 'length(logGroups)' --output text)
    if [ "$FOUND" = 0 ]; then log_group "/aws/lambda/$FUNCTION" "$KEY"; fi
  done

  FILES=$(aws efs create-file-system --creation-token files --encrypted --kms-key-id "$KEY" --tags Key=Name,Value=共有ファイル --query FileSystemId --output text)
  for SUBNET in $SUBNETS; do
    aws efs create-mount-target --file-system-id "$FILES" --subnet-id "$SUBNET" --security-groups "$DATABASE"
  done
  aws efs put-file-system-policy --file-system-id "$FILES" --policy \
    '{"Version":"2012-10-17","Statement":[
      {"Effect":"Allow","Principal":{"AWS":"*"},"Action":["elasticfilesystem:ClientMount","elasticfilesystem:ClientWrite"],"Resource":"*","Condition":{"Bool":{"elasticfilesystem:AccessedViaMountTarget":"true"}}},
      {"Effect":"Deny","Principal":{"AWS":"*"},"Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}'
  aws redshift create-cluster-subnet-group --cluster-subnet-group-name private --description private --subnet-ids $SUBNETS
  aws redshift create-cluster --cluster-identifier warehouse --node-type ra3.large --cluster-type single-node --master-username warehouse_owner \
    --master-user-password 'Secret-Password-3' --encrypted --kms-key-id "$KEY" --no-publicly-accessible \
    --cluster-subnet-group-name private --vpc-security-group-ids "$DATABASE"
  aws redshift enable-logging --cluster-identifier warehouse --bucket-name good-logs --s3-key-prefix redshift
  aws elasticache create-replication-group --replication-group-id cache --replication-group-description cache --engine valkey \
    --cache-node-type cache.t4g.micro --num-cache-clusters 2 --at-rest-encryption-enabled --transit-encryption-enabled --security-group-ids "$DATABASE"
  INSTANCE=$(aws ec2 describe-instances --filters Name=tag:Name,Values=web --query 'Reservations[0].Instances[0].InstanceId' --output text)
  aws ec2 create-image --instance-id "$INSTANCE" --name web-image
  if [ "$AWS_DEFAULT_REGION" = us-east-1 ]; then
    log_group /aws/route53/good.example.com "$KEY"
    ZONE=$(aws route53 create-hosted-zone --name good.example.com --caller-reference good --query HostedZone.Id --output text)
    aws shield create-protection --name zone --resource-arn "arn:aws:route53:::hostedzone/${ZONE##*/}"
    aws route53 create-query-logging-config --hosted-zone-id "${ZONE##*/}" \
      --cloud-watch-logs-log-group-arn 'arn:aws:logs:us-east-1:111122223333:log-group:/aws/route53/good.example.com:*'
    aws route53 create-hosted-zone --name inside.good.example.com --caller-reference inside --hosted-zone-config PrivateZone=true \
      --vpc "VPCRegion=us-east-1,VPCId=$VPC"
  fi
done
