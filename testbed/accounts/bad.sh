#!/usr/bin/env bash
# Account: 444455556666
# An account in which every check has something to find. Dates, root's credentials and whatever else
# nobody can create on purpose are in ../overlay/bad/.
set -euo pipefail
export AWS_DEFAULT_REGION=us-east-1

ANYONE=0.0.0.0/0
EC2_TRUST='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'

### 1 · IAM policies too broad

# The article's example.
ALLOW_EVERYTHING='{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*"
        }
    ]
}'
# The same in other words: lists, mixed case of the keys' values, and NotAction.
ALLOW_EVERYTHING_IN_LISTS='{"Version":"2012-10-17","Statement":{"Sid":"Everything","Effect":"Allow","Action":["s3:GetObject","*:*"],"Resource":["arn:aws:s3:::a/*","*"]}}'
ALLOW_ALL_BUT_BILLING='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["aws-portal:*","billing:*"],"Resource":"*"}]}'

ADMIN=$(aws iam create-policy --policy-name allow-everything --policy-document "$ALLOW_EVERYTHING" \
  --description 'for the "first" weeks <only>' --query Policy.Arn --output text)
aws iam create-policy --policy-name unused-allow-everything --path /legacy/ --policy-document "$ALLOW_EVERYTHING_IN_LISTS"
aws iam create-group --group-name developers
aws iam attach-group-policy --group-name developers --policy-arn "$ADMIN"
aws iam create-group --group-name operators
aws iam attach-group-policy --group-name operators --policy-arn arn:aws:iam::aws:policy/AdministratorAccess

aws iam create-role --role-name web-server --assume-role-policy-document "$EC2_TRUST" \
  --description 'Web <script>alert("role")</script> & co. $(id) `id` {{fix}} %s' --tags Key=team,Value=開発チーム
aws iam put-role-policy --role-name web-server --policy-name all-but-billing --policy-document "$ALLOW_ALL_BUT_BILLING"
aws iam create-instance-profile --instance-profile-name web-server
aws iam add-role-to-instance-profile --instance-profile-name web-server --role-name web-server

# Too broad in one way each; nobody has them.
policy() { aws iam create-policy --policy-name "$1" --query Policy.Arn --output text --policy-document \
  "{\"Version\":\"2012-10-17\",\"Statement\":[$2]}"; }
policy all-of-s3 '{"Effect":"Allow","Action":["s3:*","ec2:Describe*"],"Resource":"*"}'
policy all-but-iam '{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}'
policy pass-any-role '{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}'
policy assume-any-role '{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}'
policy decrypt-anything '{"Effect":"Allow","Action":["kms:Decrypt","kms:ReEncrypt*"],"Resource":"*"}'
policy make-keys-for-anybody '{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"*"}'
role() { aws iam create-role --role-name "$1" --query Role.Arn --output text --assume-role-policy-document \
  "{\"Version\":\"2012-10-17\",\"Statement\":[$2]}" "${@:3}"; }
role anyones '{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}'
role vendor '{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::777788889999:root"},"Action":"sts:AssumeRole"}'
aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com --client-id-list sts.amazonaws.com
role deploy '{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme*"}}}'
role forgotten '{"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"},"Action":"sts:AssumeRole"}' --tags Key=age-in-days,Value=400

### 2 and 3 · Policies on users, access keys (their age: ../overlay/bad/iam.GetCredentialReport.csv)

aws iam create-user --user-name alice --tags Key=役割,Value=管理者
aws iam attach-user-policy --user-name alice --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
aws iam create-login-profile --user-name alice --password 'Correct-Horse-7'
aws iam create-access-key --user-name alice

aws iam create-user --user-name bob
aws iam add-user-to-group --user-name bob --group-name developers
aws iam create-login-profile --user-name bob --password 'Correct-Horse-8'

aws iam create-user --user-name build-server --path /machines/
aws iam put-user-policy --user-name build-server --policy-name deploy --policy-document "$ALLOW_EVERYTHING"
aws iam create-access-key --user-name build-server
aws iam create-access-key --user-name build-server

# One administrator with MFA, and only an app; one user on its way to become one: it may change a function that has
# an administrator's role, found in two policies, by way of another role.
aws iam create-user --user-name carol
aws iam attach-user-policy --user-name carol --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
aws iam attach-user-policy --user-name carol --policy-arn arn:aws:iam::aws:policy/AWSCloudShellFullAccess
SERIAL=$(aws iam create-virtual-mfa-device --virtual-mfa-device-name carol --outfile /dev/null --bootstrap-method QRCodePNG \
  --query VirtualMFADevice.SerialNumber --output text)
aws iam enable-mfa-device --user-name carol --serial-number "$SERIAL" --authentication-code1 123456 --authentication-code2 234567
aws iam create-user --user-name dave
aws iam put-user-policy --user-name dave --policy-name become-releaser --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::444455556666:role/releaser"}]}'
role releaser '{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole"}'
aws iam put-role-policy --role-name releaser --policy-name release --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:Update*","lambda:InvokeFunction"],"Resource":"*"}]}'
role nightly-job '{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}'
aws iam attach-role-policy --role-name nightly-job --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
CODE=$(mktemp --suffix .zip)
python3 -c "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').writestr('index.py', 'def handler(event, context): pass')" "$CODE"
aws lambda create-function --function-name nightly --runtime python3.13 --handler index.handler --zip-file "fileb://$CODE" \
  --role arn:aws:iam::444455556666:role/nightly-job
rm "$CODE"

# Weak in three ways, and stricter than AWS's default in others, which no fix may take away.
aws iam update-account-password-policy --minimum-password-length 8 --require-lowercase-characters --require-numbers \
  --max-password-age 60 --hard-expiry --password-reuse-prevention 5

### 4 · The management account of an organization (root's credentials: ../overlay/bad/iam.GetCredentialReport.csv)

aws organizations create-organization --feature-set ALL

### 5 · Multi-factor authentication ignored

aws cognito-idp create-user-pool --pool-name customers --mfa-configuration OFF

### 6 · S3 buckets open to the world (no account-level public access block)

aws s3api create-bucket --bucket bad-website --object-ownership ObjectWriter
aws s3api put-bucket-policy --bucket bad-website --policy \
  '{"Version":"2012-10-17","Statement":[{"Sid":"PublicRead","Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::bad-website","arn:aws:s3:::bad-website/*"]}]}'
aws s3api put-bucket-tagging --bucket bad-website --tagging \
  '{"TagSet":[{"Key":"Name","Value":"公式サイト (本番環境)"},{"Key":"note","Value":"<script>alert(1)</script> \"quoted\" '"'single'"' | pipe"}]}'

aws s3api create-bucket --bucket bad-acl-read --object-ownership ObjectWriter
aws s3api put-bucket-acl --bucket bad-acl-read --acl public-read

aws s3api create-bucket --bucket bad-dropbox --object-ownership BucketOwnerPreferred
OWNER=$(aws s3api list-buckets --query Owner.ID --output text)
aws s3api put-bucket-acl --bucket bad-dropbox --grant-full-control "id=$OWNER" \
  --grant-read uri=http://acs.amazonaws.com/groups/global/AllUsers --grant-write uri=http://acs.amazonaws.com/groups/global/AllUsers

# Any address of half the internet counts as everyone.
aws s3api create-bucket --bucket bad-upload-policy
aws s3api put-bucket-policy --bucket bad-upload-policy --policy \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:Put*","Resource":"arn:aws:s3:::bad-upload-policy/*","Condition":{"IpAddress":{"aws:SourceIp":["0.0.0.0/1"]}}}]}'

# Public, and held back only by the bucket's own block.
aws s3api create-bucket --bucket bad-dormant
aws s3api put-bucket-policy --bucket bad-dormant --policy \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bad-dormant/*"}]}'
aws s3api put-public-access-block --bucket bad-dormant --public-access-block-configuration \
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true

aws s3api create-bucket --bucket bad-tokyo --region ap-northeast-1 \
  --create-bucket-configuration LocationConstraint=ap-northeast-1
aws s3api put-bucket-versioning --bucket bad-tokyo --region ap-northeast-1 --versioning-configuration Status=Suspended

# Another account may replace the policy.
aws s3api create-bucket --bucket bad-shared
aws s3api put-bucket-policy --bucket bad-shared --policy \
  '{"Version":"2012-10-17","Statement":[{"Sid":"Partner","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::777788889999:root"},"Action":"s3:Put*","Resource":["arn:aws:s3:::bad-shared","arn:aws:s3:::bad-shared/*"]}]}'
aws s3api put-bucket-versioning --bucket bad-shared --versioning-configuration Status=Enabled
aws s3control create-access-point --account-id 444455556666 --name reports --bucket bad-shared \
  --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=false,RestrictPublicBuckets=false

### The network in which the rest lives

VPC=$(aws ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId --output text)
aws ec2 create-tags --resources "$VPC" --tags 'Key=Name,Value=本番 VPC <b>'
SUBNET_A=$(aws ec2 create-subnet --vpc-id "$VPC" --cidr-block 10.0.0.0/24 --availability-zone us-east-1a --query Subnet.SubnetId --output text)
SUBNET_B=$(aws ec2 create-subnet --vpc-id "$VPC" --cidr-block 10.0.1.0/24 --availability-zone us-east-1b --query Subnet.SubnetId --output text)
aws ec2 modify-subnet-attribute --subnet-id "$SUBNET_A" --map-public-ip-on-launch
GATEWAY=$(aws ec2 create-internet-gateway --query InternetGateway.InternetGatewayId --output text)
aws ec2 attach-internet-gateway --internet-gateway-id "$GATEWAY" --vpc-id "$VPC"
ROUTES=$(aws ec2 describe-route-tables --filters "Name=vpc-id,Values=$VPC" --query 'RouteTables[0].RouteTableId' --output text)
aws ec2 create-route --route-table-id "$ROUTES" --destination-cidr-block "$ANYONE" --gateway-id "$GATEWAY"

### 8 · Security groups too loose

# The article's example.
SSH=$(aws ec2 create-security-group --group-name ssh --description 'Log in from anywhere' --vpc-id "$VPC" --query GroupId --output text)
aws ec2 authorize-security-group-ingress --group-id "$SSH" --ip-permissions '[
    {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "IpRanges": [
            {
                "CidrIp": "0.0.0.0/0"
            }
        ]
    }
]'
aws ec2 create-tags --resources "$SSH" --tags 'Key=Name,Value=<img src=x onerror=alert(1)>' "Key=Owner,Value=$(printf '\302\233')31m赤"
aws ec2 create-tags --resources "$SSH" --tags "Key=Note,Value=first line
second | line"

ALL=$(aws ec2 create-security-group --group-name everything --description 'Just for a test' --vpc-id "$VPC" --query GroupId --output text)
aws ec2 authorize-security-group-ingress --group-id "$ALL" --protocol=-1 --cidr "$ANYONE"
aws ec2 authorize-security-group-ingress --group-id "$ALL" --ip-permissions 'IpProtocol=-1,Ipv6Ranges=[{CidrIpv6=::/0}]'
RDP=$(aws ec2 create-security-group --group-name windows --description 'Remote desktop' --vpc-id "$VPC" --query GroupId --output text)
aws ec2 authorize-security-group-ingress --group-id "$RDP" --ip-permissions \
  '[{"IpProtocol":"tcp","FromPort":3380,"ToPort":3400,"Ipv6Ranges":[{"CidrIpv6":"::/0"}]}]'
DATABASE=$(aws ec2 create-security-group --group-name database --description 'PostgreSQL' --vpc-id "$VPC" --query GroupId --output text)
aws ec2 authorize-security-group-ingress --group-id "$DATABASE" --protocol tcp --port 5432 --cidr "$ANYONE"
# Everyone, but in a customer-managed prefix list.
WORLD=$(aws ec2 create-managed-prefix-list --prefix-list-name offices --address-family IPv4 --max-entries 4 \
  --entries Cidr=0.0.0.0/1 Cidr=128.0.0.0/1 --query PrefixList.PrefixListId --output text)
CACHE=$(aws ec2 create-security-group --group-name cache --description 'Redis' --vpc-id "$VPC" --query GroupId --output text)
aws ec2 authorize-security-group-ingress --group-id "$CACHE" --ip-permissions \
  "[{\"IpProtocol\":\"tcp\",\"FromPort\":6379,\"ToPort\":6379,\"PrefixListIds\":[{\"PrefixListId\":\"$WORLD\"}]}]"

SHARES=$(aws ec2 create-security-group --group-name shares --description 'Files, tools and a wide range' --vpc-id "$VPC" --query GroupId --output text)
aws ec2 authorize-security-group-ingress --group-id "$SHARES" --protocol tcp --port 445 --cidr "$ANYONE"
aws ec2 authorize-security-group-ingress --group-id "$SHARES" --protocol tcp --port 5000-5601 --cidr "$ANYONE"
aws ec2 authorize-security-group-ingress --group-id "$SHARES" --protocol udp --port 12000-12010 --cidr "$ANYONE"
aws ec2 authorize-security-group-ingress --group-id "$SHARES" --protocol tcp --port 443 --cidr 8.8.0.0/16

DEFAULT=$(aws ec2 describe-security-groups --filters "Name=vpc-id,Values=$VPC" Name=group-name,Values=default \
  --query 'SecurityGroups[0].GroupId' --output text)
aws ec2 authorize-security-group-ingress --group-id "$DEFAULT" --protocol=-1 --source-group "$DEFAULT"

IMAGE=$(aws ec2 describe-images --owners amazon --query 'Images[0].ImageId' --output text)
INSTANCE=$(aws ec2 run-instances --image-id "$IMAGE" --instance-type t3.micro --subnet-id "$SUBNET_A" --security-group-ids "$SSH" \
  --iam-instance-profile Name=web-server --associate-public-ip-address --metadata-options HttpTokens=optional,HttpEndpoint=enabled \
  --user-data 'export DB_PASSWORD=Tr0ub4dor-and-3' \
  --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=ウェブサーバー１号機}]' \
  --query 'Instances[0].InstanceId' --output text)
# Logged into with a key, though Session Manager is there; its twin is not even managed.
aws ec2 create-key-pair --key-name ops --query KeyName
aws ec2 run-instances --image-id "$IMAGE" --instance-type t3.micro --subnet-id "$SUBNET_A" --security-group-ids "$RDP" --key-name ops \
  --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=bastion},{Key=managed-node,Value=yes},{Key=patches-missing,Value=3},{Key=patched-days-ago,Value=45},{Key=associations-failed,Value=1}]'
aws ec2 create-launch-template --launch-template-name web-server --launch-template-data \
  "{\"ImageId\":\"$IMAGE\",\"MetadataOptions\":{\"HttpTokens\":\"optional\"}}"
aws ec2 create-volume --availability-zone us-east-1a --size 8 --no-encrypted
VOLUME=$(aws ec2 describe-instances --instance-ids "$INSTANCE" \
  --query 'Reservations[0].Instances[0].BlockDeviceMappings[0].Ebs.VolumeId' --output text)
SNAPSHOT=$(aws ec2 create-snapshot --volume-id "$VOLUME" --description 'before the upgrade' --query SnapshotId --output text)
aws ec2 modify-snapshot-attribute --snapshot-id "$SNAPSHOT" --attribute createVolumePermission --operation-type add --group-names all
AMI=$(aws ec2 create-image --instance-id "$INSTANCE" --name web-server-image --query ImageId --output text)
aws ec2 modify-image-attribute --image-id "$AMI" --launch-permission 'Add=[{Group=all}]'

### 9 · Network ACLs not designed

# The article's example: TCP, every port, everyone, both ways.
ACL=$(aws ec2 create-network-acl --vpc-id "$VPC" --query NetworkAcl.NetworkAclId --output text)
aws ec2 create-network-acl-entry --network-acl-id "$ACL" --ingress --rule-number 1 --protocol 6 \
  --port-range From=0,To=65535 --cidr-block "$ANYONE" --rule-action allow
aws ec2 create-network-acl-entry --network-acl-id "$ACL" --egress --rule-number 100 --protocol 6 \
  --port-range From=0,To=65535 --cidr-block "$ANYONE" --rule-action allow
# Comes too late to deny anything.
aws ec2 create-network-acl-entry --network-acl-id "$ACL" --ingress --rule-number 50 --protocol 6 \
  --port-range From=22,To=22 --cidr-block "$ANYONE" --rule-action deny
ASSOCIATION=$(aws ec2 describe-network-acls --filters "Name=association.subnet-id,Values=$SUBNET_B" \
  --query "NetworkAcls[0].Associations[?SubnetId=='$SUBNET_B'] | [0].NetworkAclAssociationId" --output text)
aws ec2 replace-network-acl-association --association-id "$ASSOCIATION" --network-acl-id "$ACL"

aws ec2 create-network-acl --vpc-id "$VPC"
PEER=$(aws ec2 create-vpc --cidr-block 10.9.0.0/16 --query Vpc.VpcId --output text)
PEERING=$(aws ec2 create-vpc-peering-connection --vpc-id "$VPC" --peer-vpc-id "$PEER" \
  --query VpcPeeringConnection.VpcPeeringConnectionId --output text)
aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id "$PEERING"
aws ec2 create-route --route-table-id "$ROUTES" --destination-cidr-block 10.9.0.0/16 --vpc-peering-connection-id "$PEERING"

### 10 · VPC endpoint policies wide open

# No policy given: AWS attaches the one that the article shows.
aws ec2 create-vpc-endpoint --vpc-id "$VPC" --vpc-endpoint-type Gateway --service-name com.amazonaws.us-east-1.s3 --route-table-ids "$ROUTES"
# The article's example, given explicitly.
aws ec2 create-vpc-endpoint --vpc-id "$VPC" --vpc-endpoint-type Gateway --service-name com.amazonaws.us-east-1.dynamodb --route-table-ids "$ROUTES" \
  --policy-document '{
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "*",
            "Resource": "*"
        }
    ]
}'

### 7 · RDS on the internet

aws rds create-db-subnet-group --db-subnet-group-name public --db-subnet-group-description 'Public subnets' --subnet-ids "$SUBNET_A" "$SUBNET_B"
aws rds create-db-instance --db-instance-identifier bad-orders --engine postgres --engine-version 12.19 --db-instance-class db.t3.micro --allocated-storage 20 \
  --master-username postgres --master-user-password 'Secret-Password-1' --publicly-accessible --no-storage-encrypted --ca-certificate-identifier rds-ca-rsa2048-g1 \
  --no-auto-minor-version-upgrade --backup-retention-period 0 --db-subnet-group-name public --vpc-security-group-ids "$DATABASE" "$SHARES" \
  --tags Key=Name,Value=注文データベース
aws rds create-db-snapshot --db-instance-identifier bad-orders --db-snapshot-identifier bad-orders-public
aws dms create-replication-instance --replication-instance-identifier bad-migration --replication-instance-class dms.t3.micro \
  --publicly-accessible --vpc-security-group-ids "$DATABASE"
aws rds modify-db-snapshot-attribute --db-snapshot-identifier bad-orders-public --attribute-name restore --values-to-add all
aws rds create-db-cluster --db-cluster-identifier bad-cluster --engine aurora-mysql --engine-version 5.7.mysql_aurora.2.11.4 --master-username admin --master-user-password 'Secret-Password-2'
aws rds create-db-cluster-snapshot --db-cluster-identifier bad-cluster --db-cluster-snapshot-identifier bad-cluster-public
aws rds modify-db-cluster-snapshot-attribute --db-cluster-snapshot-identifier bad-cluster-public --attribute-name restore --values-to-add all

aws rds create-db-snapshot --db-instance-identifier bad-orders --db-snapshot-identifier bad-orders-for-vendor
aws rds modify-db-snapshot-attribute --db-snapshot-identifier bad-orders-for-vendor --attribute-name restore --values-to-add 777788889999

### 10 · More endpoints: everything of one service for one user, anybody from anywhere, and a door that is wide open

aws ec2 create-vpc-endpoint --vpc-id "$PEER" --service-name com.amazonaws.us-east-1.s3 --vpc-endpoint-type Gateway \
  --tag-specifications 'ResourceType=vpc-endpoint,Tags=[{Key=Name,Value=<script>alert(1)</script>}]' --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:user/alice"},"Action":"s3:*","Resource":"*"}]}'
aws ec2 create-vpc-endpoint --vpc-id "$VPC" --service-name com.amazonaws.us-east-1.secretsmanager --vpc-endpoint-type Interface \
  --subnet-ids "$SUBNET_A" --security-group-ids "$ALL" --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Sid":"Vendor","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::777788889999:root","*"]},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}'
# A near miss: everyone, but only of this account.
aws ec2 create-vpc-endpoint --vpc-id "$VPC" --service-name com.amazonaws.us-east-1.sqs --vpc-endpoint-type Interface \
  --subnet-ids "$SUBNET_A" --security-group-ids "$CACHE" --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}}]}'

### 12 · No web application firewall (CloudFront's web ACLs and distributions: ../overlay/bad/)

VISIBLE=SampledRequestsEnabled=true,CloudWatchMetricsEnabled=true,MetricName=web
# Protects nothing.
aws wafv2 create-web-acl --scope REGIONAL --name forgotten --default-action Block={} --visibility-config "$VISIBLE" --rules \
  '[{"Name":"nothing","Priority":0,"Action":{"Allow":{}},"Statement":{"GeoMatchStatement":{"CountryCodes":["JP"]}},"VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"web"}}]'

WEB=$(aws ec2 create-security-group --group-name front --description 'HTTP and HTTPS from anywhere' --vpc-id "$VPC" --query GroupId --output text)
for PORT in 80 443; do aws ec2 authorize-security-group-ingress --group-id "$WEB" --protocol tcp --port "$PORT" --cidr "$ANYONE"; done
BALANCER=$(aws elbv2 create-load-balancer --name front --subnets "$SUBNET_A" "$SUBNET_B" --security-groups "$WEB" --scheme internet-facing \
  --query 'LoadBalancers[0].LoadBalancerArn' --output text)
TARGETS=$(aws elbv2 create-target-group --name front --protocol HTTP --port 80 --vpc-id "$VPC" --query 'TargetGroups[0].TargetGroupArn' --output text)
aws elbv2 register-targets --target-group-arn "$TARGETS" --targets "Id=$INSTANCE"
LISTENER=$(aws elbv2 create-listener --load-balancer-arn "$BALANCER" --protocol HTTP --port 80 \
  --default-actions "Type=forward,TargetGroupArn=$TARGETS" --query 'Listeners[0].ListenerArn' --output text)
# Not the only way in: the default action forwards as well.
aws elbv2 create-rule --listener-arn "$LISTENER" --priority 10 --actions "Type=forward,TargetGroupArn=$TARGETS" \
  --conditions '[{"Field":"http-header","HttpHeaderConfig":{"HttpHeaderName":"X-Origin-Verify","Values":["k2Zr9vQ1"]}}]'
# Another number does not hide what it leads to.
HIDDEN=$(aws elbv2 create-load-balancer --name hidden --type network --subnets "$SUBNET_A" --scheme internet-facing \
  --query 'LoadBalancers[0].LoadBalancerArn' --output text)
HIDDEN_TARGETS=$(aws elbv2 create-target-group --name hidden --protocol TCP --port 22 --vpc-id "$VPC" --query 'TargetGroups[0].TargetGroupArn' --output text)
aws elbv2 register-targets --target-group-arn "$HIDDEN_TARGETS" --targets "Id=$INSTANCE"
aws elbv2 create-listener --load-balancer-arn "$HIDDEN" --protocol TCP --port 80 --default-actions "Type=forward,TargetGroupArn=$HIDDEN_TARGETS"
aws elb create-load-balancer --load-balancer-name old-front --listeners Protocol=HTTP,LoadBalancerPort=80,InstanceProtocol=HTTP,InstancePort=80 \
  --subnets "$SUBNET_A" --security-groups "$WEB"

API=$(aws apigateway create-rest-api --name 'orders "v1" <script>' --query id --output text)
ROOT=$(aws apigateway get-resources --rest-api-id "$API" --query 'items[0].id' --output text)
aws apigateway put-method --rest-api-id "$API" --resource-id "$ROOT" --http-method GET --authorization-type NONE
aws apigateway put-integration --rest-api-id "$API" --resource-id "$ROOT" --http-method GET --type MOCK
aws apigateway create-deployment --rest-api-id "$API" --stage-name prod
API=$(aws apigatewayv2 create-api --name webhooks --protocol-type HTTP --query ApiId --output text)
aws apigatewayv2 create-stage --api-id "$API" --stage-name '$default' --auto-deploy

### 13 · Software not updated (pending maintenance, OpenSearch's update, certificates, nodes: ../overlay/bad/)

# Functions: one with a password, one that anybody may call.
CODE=$(mktemp --suffix .zip)
python3 -c "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').writestr('index.py', 'def handler(event, context): pass')" "$CODE"
aws lambda create-function --function-name legacy-import --runtime python3.7 --handler index.handler --zip-file "fileb://$CODE" \
  --role arn:aws:iam::444455556666:role/nightly-job --description '取り込み <img src=x onerror=alert(1)>' \
  --environment '{"Variables":{"DB_PASSWORD":"Tr0ub4dor&3x","DB_HOST":"orders.example.com","DB_PASSWORD_PARAMETER":"/prod/db/password"}}'
aws lambda create-function --function-name webhook --runtime nodejs14.x --handler index.handler --zip-file "fileb://$CODE" \
  --role arn:aws:iam::444455556666:role/nightly-job
aws lambda add-permission --function-name webhook --statement-id anybody --action lambda:InvokeFunction --principal '*'
aws lambda add-permission --function-name webhook --statement-id any-bucket --action lambda:InvokeFunction --principal s3.amazonaws.com
aws lambda add-permission --function-name nightly --statement-id vendor --action lambda:InvokeFunction --principal arn:aws:iam::777788889999:root
aws lambda create-function-url-config --function-name legacy-import --auth-type NONE
aws lambda create-function-url-config --function-name nightly --auth-type AWS_IAM
rm "$CODE"

aws rds create-db-instance --db-instance-identifier bad-legacy --engine mysql --engine-version 5.7.44 --db-instance-class db.t3.micro --allocated-storage 20 \
  --master-username admin --master-user-password 'Secret-Password-4' --no-publicly-accessible --storage-encrypted --ca-certificate-identifier rds-ca-2019 \
  --db-subnet-group-name public --vpc-security-group-ids "$DATABASE"

EKS_ROLE=$(role eks '{"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Action":"sts:AssumeRole"}')
aws eks create-cluster --name legacy --kubernetes-version 1.27 --role-arn "$EKS_ROLE" --resources-vpc-config "subnetIds=$SUBNET_A,$SUBNET_B"

for DOMAIN in search optional-update; do aws opensearch create-domain --domain-name "$DOMAIN" --engine-version OpenSearch_2.11; done

### 16 · Application credentials not managed

aws ec2 create-launch-template --launch-template-name batch --launch-template-data \
  "{\"ImageId\":\"$IMAGE\",\"UserData\":\"$(printf '#!/bin/bash\nexport DB_PASSWORD="Wh1te-Rabbit-8"\nmysql --password="$DB_PASSWORD" <<< "select 1"\n' | base64 -w0)\"}"

aws ecs create-cluster --cluster-name legacy
TASK=$(aws ecs register-task-definition --family billing --requires-compatibilities FARGATE --network-mode awsvpc --cpu 256 --memory 512 \
  --container-definitions '[{"name":"app","image":"example/billing:1","environment":[{"name":"DB_PASSWORD","value":"Gr33n-Lantern-42"},{"name":"LOG_LEVEL","value":"info"}]},
    {"name":"sidecar","image":"example/sidecar:1","environment":[{"name":"SECRET_NAME","value":"prod/db"}]}]' \
  --query taskDefinition.taskDefinitionArn --output text)
aws ecs create-service --cluster legacy --service-name billing --task-definition "$TASK" --desired-count 1 --launch-type FARGATE --platform-version 1.3.0 \
  --network-configuration "awsvpcConfiguration={subnets=[$SUBNET_A],securityGroups=[$WEB]}"

aws ssm put-parameter --name /prod/db/password --type String --value not-kept-here
aws ssm put-parameter --name /prod/api-tokens --type StringList --value not,kept
aws ssm put-parameter --name /prod/db/password_rotation_days --type String --value 90
aws ssm put-parameter --name /prod/db/master-password --type SecureString --value not-kept-here
aws ssm create-document --name restart-everything --document-type Command --document-format JSON --content \
  '{"schemaVersion":"2.2","description":"Restart","mainSteps":[{"action":"aws:runShellScript","name":"restart","inputs":{"runCommand":["reboot"]}}]}'
aws ssm modify-document-permission --name restart-everything --permission-type Share --account-ids-to-add all

BUILD_ROLE=$(role build '{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}')
aws codebuild create-project --name release --source type=CODECOMMIT,location=https://git-codecommit.us-east-1.amazonaws.com/v1/repos/app \
  --artifacts type=NO_ARTIFACTS --service-role "$BUILD_ROLE" --environment \
  '{"type":"LINUX_CONTAINER","image":"aws/codebuild/standard:7.0","computeType":"BUILD_GENERAL1_SMALL","environmentVariables":[{"name":"NPM_PASSWORD","value":"Purpl3-Horse-51","type":"PLAINTEXT"},{"name":"DB_PASSWORD","value":"/prod/db/password","type":"PARAMETER_STORE"}]}'

# What runs with an administrator's role (App Runner and code interpreters: ../overlay/bad/), and who may use it.
ANALYTICS=$(role analytics '{"Effect":"Allow","Principal":{"Service":["glue.amazonaws.com","sagemaker.amazonaws.com","states.amazonaws.com","tasks.apprunner.amazonaws.com","bedrock-agentcore.amazonaws.com","ecs-tasks.amazonaws.com"]},"Action":"sts:AssumeRole"}')
aws iam attach-role-policy --role-name analytics --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
aws glue create-job --name import --role "$ANALYTICS" --command Name=glueetl,ScriptLocation=s3://bad-shared/import.py
aws sagemaker create-notebook-instance --notebook-instance-name trial --instance-type ml.t3.medium --role-arn "$ANALYTICS"
aws stepfunctions create-state-machine --name import --role-arn "$ANALYTICS" --definition \
  '{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}'
may() { role "may-$1" '{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sts:AssumeRole"}'
  aws iam put-role-policy --role-name "may-$1" --policy-name rights --policy-document \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[$2],\"Resource\":\"*\"}]}"; }
may change-jobs '"iam:PassRole","glue:UpdateJob","glue:StartJobRun"'
may open-notebooks '"sagemaker:CreatePresignedNotebookInstanceUrl"'
may change-services '"apprunner:UpdateService"'
may run-code '"bedrock-agentcore:StartCodeInterpreterSession","bedrock-agentcore:InvokeCodeInterpreter"'
may change-workflows '"states:UpdateStateMachine","states:StartExecution"'
may run-tasks '"iam:PassRole","ecs:RegisterTaskDefinition","ecs:RunTask"'
may describe-jobs '"iam:PassRole","glue:GetJobs","glue:StartJobRun"'

aws cloudformation create-stack --stack-name orders --parameters ParameterKey=AdminPassword,ParameterValue=Bl4ck-Coffee-77 --template-body \
  '{"Parameters":{"AdminPassword":{"Type":"String"}},"Resources":{"Host":{"Type":"AWS::SSM::Parameter","Properties":{"Name":"/orders/host","Type":"String","Value":"orders.example.com"}}},"Outputs":{"AdminPassword":{"Value":{"Ref":"AdminPassword"}},"Host":{"Value":{"Ref":"Host"}}}}'

# Dates of secrets: ../overlay/bad/. The tag makes the emulator end their ARNs as there.
for SECRET in orders-db overdue forgotten-api-key never-read shared-with-everyone near-miss-of-this-account 'rds!db-0a1b2c3d'; do
  aws secretsmanager create-secret --name "$SECRET" --secret-string not-kept-here --tags Key=_custom_id_,Value=a1B2c3
done
aws secretsmanager put-resource-policy --secret-id shared-with-everyone --resource-policy \
  '{"Version":"2012-10-17","Statement":[{"Sid":"Everyone","Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}'
aws secretsmanager put-resource-policy --secret-id near-miss-of-this-account --resource-policy \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"secretsmanager:GetSecretValue","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}}]}'

# Keys: never rotated, about to go, for everyone. And some that no rotation is for.
aws kms create-alias --alias-name alias/orders --target-key-id "$(aws kms create-key --key-usage ENCRYPT_DECRYPT --description '注文 "key"' --query KeyMetadata.KeyId --output text)"
aws kms schedule-key-deletion --pending-window-in-days 7 --key-id "$(aws kms create-key --key-usage ENCRYPT_DECRYPT --description 'old backups' --query KeyMetadata.KeyId --output text)"
aws kms create-key --key-usage ENCRYPT_DECRYPT --description 'for everyone' --policy \
  '{"Version":"2012-10-17","Statement":[{"Sid":"Root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"kms:*","Resource":"*"},{"Sid":"Everyone","Effect":"Allow","Principal":{"AWS":"*"},"Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*"}]}'
aws kms create-key --key-usage ENCRYPT_DECRYPT --description 'near miss: everyone of this account' --policy \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":"444455556666"}}}]}'
aws kms create-key --description 'signs' --key-usage SIGN_VERIFY --key-spec RSA_2048

# Weak passwords, and guests who may do what no guest should (that they get the role: ../overlay/bad/).
aws cognito-idp create-user-pool --pool-name 'forum "beta"' --policies \
  'PasswordPolicy={MinimumLength=6,RequireUppercase=false,RequireLowercase=true,RequireNumbers=false,RequireSymbols=false}'
POOL=$(aws cognito-identity create-identity-pool --identity-pool-name 'guests' --allow-unauthenticated-identities --query IdentityPoolId --output text)
role guests "{\"Effect\":\"Allow\",\"Principal\":{\"Federated\":\"cognito-identity.amazonaws.com\"},\"Action\":\"sts:AssumeRoleWithWebIdentity\",\"Condition\":{\"StringEquals\":{\"cognito-identity.amazonaws.com:aud\":\"$POOL\"},\"ForAnyValue:StringLike\":{\"cognito-identity.amazonaws.com:amr\":\"unauthenticated\"}}}"
aws iam put-role-policy --role-name guests --policy-name files --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::bad-shared/*"}]}'

### 17 · ECR image scans ignored (what scans found: ../overlay/bad/)

for REPOSITORY in app old-scan failed-scan tools/never-scanned empty; do aws ecr create-repository --repository-name "$REPOSITORY"; done
for REPOSITORY in app old-scan failed-scan tools/never-scanned; do
  aws ecr put-image --repository-name "$REPOSITORY" --image-tag latest --image-manifest \
    "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\",\"size\":7023,\"digest\":\"sha256:$(printf "$REPOSITORY" | sha256sum | cut -c1-64)\"},\"layers\":[]}"
done
aws ecr set-repository-policy --repository-name tools/never-scanned --policy-text \
  '{"Version":"2012-10-17","Statement":[{"Sid":"Pull","Effect":"Allow","Principal":"*","Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}'

### 14 · AWS Config off: nowhere but here a recorder, and it is stopped and delivers nowhere

CONFIG_ROLE=$(aws iam create-role --role-name config --query Role.Arn --output text --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"config.amazonaws.com"},"Action":"sts:AssumeRole"}]}')
# The name would turn a careless terminal red, and ring its bell.
aws configservice put-configuration-recorder --configuration-recorder "{\"name\":\"\\u001b[31mdefault\\u0007\",\"roleARN\":\"$CONFIG_ROLE\"}" \
  --recording-group allSupported=true,includeGlobalResourceTypes=true

### 15 · CloudTrail off: a trail for one region, that is not logging

aws s3api create-bucket --bucket bad-trail-logs
aws s3api put-bucket-policy --bucket bad-trail-logs --policy \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::bad-trail-logs/*"}]}'
aws cloudtrail create-trail --name old-trail --s3-bucket-name bad-trail-logs --no-is-multi-region-trail --no-enable-log-file-validation

### Other regions

export AWS_DEFAULT_REGION=eu-west-1
# 20 · A detector, suspended. The other regions have none.
aws guardduty create-detector --no-enable
VPC=$(aws ec2 create-vpc --cidr-block 10.1.0.0/16 --query Vpc.VpcId --output text)
GROUP=$(aws ec2 create-security-group --group-name müller-ssh --description 'Zugang' --vpc-id "$VPC" --query GroupId --output text)
aws ec2 authorize-security-group-ingress --group-id "$GROUP" --protocol tcp --port 22 --cidr "$ANYONE"
# 10 · It runs where S3 is reached over the internet only.
SUBNET=$(aws ec2 create-subnet --vpc-id "$VPC" --cidr-block 10.1.0.0/24 --query Subnet.SubnetId --output text)
aws ec2 run-instances --image-id "$(aws ec2 describe-images --owners amazon --query 'Images[0].ImageId' --output text)" --instance-type t3.micro \
  --subnet-id "$SUBNET" --security-group-ids "$GROUP" --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=übersetzer}]'

export AWS_DEFAULT_REGION=ap-northeast-1
aws rds create-db-instance --db-instance-identifier bad-tokyo-users --engine mysql --engine-version 5.7.44 --db-instance-class db.t3.micro --allocated-storage 20 \
  --master-username admin --master-user-password 'Secret-Password-3' --publicly-accessible --no-storage-encrypted --ca-certificate-identifier rds-ca-2019
VPC=$(aws ec2 describe-vpcs --filters Name=is-default,Values=true --query 'Vpcs[0].VpcId' --output text)
aws ec2 create-tags --resources "$VPC" --tags "Key=Name,Value=$(printf '\342\200\256')逆向き"
GROUP=$(aws ec2 create-security-group --group-name bastion --description 'Bastion' --vpc-id "$VPC" --query GroupId --output text)
aws ec2 authorize-security-group-ingress --group-id "$GROUP" --protocol tcp --port 3306 --cidr 0.0.0.0/0
aws ec2 create-tags --resources "$GROUP" --tags 'Key=Name,Value=踏み台サーバー用セキュリティグループ（全世界に公開中、至急修正）'

### Recording, detection, response, and data elsewhere

export AWS_DEFAULT_REGION=us-east-1

# 15 and 18 · A trail of writes only, without those of KMS, into a bucket that everyone can read, and a log group whose
# filters and alarms all miss something.
aws logs create-log-group --log-group-name trail/events
aws logs put-retention-policy --log-group-name trail/events --retention-in-days 30
TRAIL_ROLE=$(role trail-to-logs '{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}')
aws cloudtrail create-trail --name writes.public --s3-bucket-name bad-website --is-multi-region-trail --include-global-service-events \
  --cloud-watch-logs-role-arn "$TRAIL_ROLE" --cloud-watch-logs-log-group-arn 'arn:aws:logs:us-east-1:444455556666:log-group:trail/events:*'
aws cloudtrail put-event-selectors --trail-name writes.public --event-selectors \
  '[{"ReadWriteType":"WriteOnly","IncludeManagementEvents":true,"ExcludeManagementEventSources":["kms.amazonaws.com"],"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::bad-website/"]}]}]'
aws cloudtrail start-logging --name writes.public
# What AWS sets by itself.
MANAGEMENT='[{"ReadWriteType":"All","IncludeManagementEvents":true,"DataResources":[]}]'
aws cloudtrail put-event-selectors --trail-name old-trail --event-selectors "$MANAGEMENT"

DEAD=$(aws sns create-topic --name nobody-reads-this --query TopicArn --output text)
filter() { # NAME PATTERN
  aws logs put-metric-filter --log-group-name trail/events --filter-name "$1" --filter-pattern "$2" \
    --metric-transformations "metricName=$1,metricNamespace=Trail,metricValue=1"
}
watch() { # ALARM METRIC [OPTION…]
  aws cloudwatch put-metric-alarm --alarm-name "$1" --namespace Trail --metric-name "$2" --statistic Sum --period 300 \
    --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold "${@:3}"
}
# Only some of root's ways in; one event too few; a typing error; the right filter and an alarm on another metric.
filter root-login '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }'
watch 'root <script>alert("login")</script>' root-login --alarm-actions "$DEAD"
filter groups '{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) || ($.eventName = ModifySecurityGroupRules) }'
watch groups groups --alarm-actions "$DEAD"
filter vpcs '{ ($.eventName = CreateVPC) || ($.eventName = DeleteVPC) }'
watch vpcs vpcs --alarm-actions "$DEAD"
filter keys '{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }'
watch keys key-s --alarm-actions "$DEAD"
# The right filters; the alarms do nothing, are switched off, or only tell when all is well again.
filter failures '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }'
watch 'ログイン失敗 "$(id)"' failures
filter trails '{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }'
watch trails trails --alarm-actions "$DEAD" --no-actions-enabled
filter buckets '{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication)) }'
watch buckets buckets --ok-actions "$DEAD"
aws logs create-log-group --log-group-name /aws/kept/for-ever

# 19 · Security Hub without a standard; nobody hears of what it finds.
aws securityhub enable-security-hub --no-enable-default-standards

# Data elsewhere: open to everyone, kept in the clear.
everyone() { # ACTION RESOURCE
  printf '{"Version":"2012-10-17","Statement":[{"Sid":"Everyone","Effect":"Allow","Principal":"*","Action":"%s","Resource":"%s"}]}' "$1" "$2"
}
TOPIC=$(aws sns create-topic --name news --query TopicArn --output text)
aws sns set-topic-attributes --topic-arn "$TOPIC" --attribute-name Policy --attribute-value "$(everyone 'SNS:Subscribe' "$TOPIC")"
POLICY=$(everyone 'sqs:*' arn:aws:sqs:us-east-1:444455556666:orders)
aws sqs create-queue --queue-name orders --attributes "{\"SqsManagedSseEnabled\":\"false\",\"Policy\":\"${POLICY//\"/\\\"}\"}"
# A near miss: everyone, for this account's topics only.
aws sqs create-queue --queue-name fan-out --attributes \
  '{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\",\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:sns:us-east-1:444455556666:*\"}}}]}"}'
FILES=$(aws efs create-file-system --creation-token files --no-encrypted --tags 'Key=Name,Value=<b>共有</b> files$(id)' --query FileSystemId --output text)
aws efs create-mount-target --file-system-id "$FILES" --subnet-id "$SUBNET_A" --security-groups "$ALL"
aws efs put-file-system-policy --file-system-id "$FILES" --policy "$(everyone 'elasticfilesystem:ClientMount' '*')"
# Without a policy, which lets every client in the network mount it.
FILES=$(aws efs create-file-system --creation-token more-files --no-encrypted --query FileSystemId --output text)
aws efs create-mount-target --file-system-id "$FILES" --subnet-id "$SUBNET_A" --security-groups "$ALL"
aws dynamodb create-table --table-name sessions --attribute-definitions AttributeName=id,AttributeType=S \
  --key-schema AttributeName=id,KeyType=HASH --billing-mode PAY_PER_REQUEST
aws redshift create-cluster --cluster-identifier bad-warehouse --node-type ra3.large --cluster-type single-node --master-username awsuser \
  --master-user-password 'Secret-Password-5' --no-encrypted --publicly-accessible --vpc-security-group-ids "$ALL" --tags 'Key=Name,Value=売上分析 <i>'
aws elasticache create-replication-group --replication-group-id bad-cache --replication-group-description 'Sessions' --engine redis \
  --cache-node-type cache.t4g.micro --num-cache-clusters 1 --no-at-rest-encryption-enabled --no-transit-encryption-enabled
aws elasticache create-cache-cluster --cache-cluster-id bad-memcached --engine memcached --cache-node-type cache.t4g.micro --num-cache-nodes 1
aws route53 create-hosted-zone --name bad.example.com --caller-reference bad
aws route53 create-hosted-zone --name inside.bad.example.com --caller-reference inside --hosted-zone-config PrivateZone=true \
  --vpc "VPCRegion=us-east-1,VPCId=$(aws ec2 describe-vpcs --filters Name=cidr,Values=10.0.0.0/16 --query 'Vpcs[0].VpcId' --output text)"
CERTIFICATE=$(aws acm request-certificate --domain-name old.bad.example.com --validation-method DNS --query CertificateArn --output text)
OLD=$(aws elbv2 create-load-balancer --name old-tls --scheme internal --subnets "$SUBNET_A" "$SUBNET_B" --security-groups "$ALL" \
  --query 'LoadBalancers[0].LoadBalancerArn' --output text)
OLD_TARGETS=$(aws elbv2 create-target-group --name old-tls --protocol HTTP --port 80 --target-type ip \
  --vpc-id "$(aws ec2 describe-subnets --subnet-ids "$SUBNET_A" --query 'Subnets[0].VpcId' --output text)" --query 'TargetGroups[0].TargetGroupArn' --output text)
aws elbv2 create-listener --load-balancer-arn "$OLD" --protocol HTTPS --port 443 --ssl-policy ELBSecurityPolicy-TLS-1-0-2015-04 \
  --certificates "CertificateArn=$CERTIFICATE" --default-actions "Type=forward,TargetGroupArn=$OLD_TARGETS"
aws elbv2 create-listener --load-balancer-arn "$OLD" --protocol HTTP --port 80 --default-actions "Type=forward,TargetGroupArn=$OLD_TARGETS"
for BALANCER in $(aws elbv2 describe-load-balancers --query 'LoadBalancers[].LoadBalancerArn' --output text); do
  aws elbv2 modify-load-balancer-attributes --load-balancer-arn "$BALANCER" --attributes Key=access_logs.s3.enabled,Value=false
done
aws elb create-load-balancer --load-balancer-name classic-unlogged --scheme internal --subnets "$SUBNET_A" --security-groups "$ALL" \
  --listeners Protocol=HTTP,LoadBalancerPort=80,InstanceProtocol=HTTP,InstancePort=80

# 14, 15, 18, 20 and 21 · A recorder that leaves out and fails to deliver, a trail without a bucket, a flow log of what was
# let through only, and a rule for findings that is switched off.
export AWS_DEFAULT_REGION=eu-west-1
aws configservice put-configuration-recorder --configuration-recorder "name=default,roleARN=$CONFIG_ROLE" \
  --recording-group 'allSupported=false,includeGlobalResourceTypes=false,resourceTypes=AWS::EC2::Instance,AWS::EC2::Volume'
aws configservice put-delivery-channel --delivery-channel name=default,s3BucketName=bad-trail-logs
aws configservice start-configuration-recorder --configuration-recorder-name default
rule() { # NAME IDENTIFIER
  aws configservice put-config-rule --config-rule "{\"ConfigRuleName\":\"$1\",\"Source\":{\"Owner\":\"AWS\",\"SourceIdentifier\":\"$2\"}}"
}
rule '<script>alert(\"規則\")</script> $(id)' IAM_USER_MFA_ENABLED
rule s3-bucket-ssl-requests-only S3_BUCKET_SSL_REQUESTS_ONLY
rule encrypted-volumes ENCRYPTED_VOLUMES

aws s3api create-bucket --bucket bad-gone --create-bucket-configuration LocationConstraint=eu-west-1
aws cloudtrail create-trail --name bucket_is.gone --s3-bucket-name bad-gone --no-is-multi-region-trail --enable-log-file-validation
aws cloudtrail put-event-selectors --trail-name bucket_is.gone --event-selectors "$MANAGEMENT"
aws cloudtrail start-logging --name bucket_is.gone
aws s3api delete-bucket --bucket bad-gone

aws logs create-log-group --log-group-name flows
aws ec2 create-flow-logs --resource-type VPC --traffic-type ACCEPT --log-group-name flows \
  --deliver-logs-permission-arn arn:aws:iam::444455556666:role/trail-to-logs \
  --resource-ids "$(aws ec2 describe-vpcs --filters Name=cidr,Values=10.1.0.0/16 --query 'Vpcs[0].VpcId' --output text)"
UNREAD=$(aws sns create-topic --name unread --query TopicArn --output text)
aws sns subscribe --topic-arn "$UNREAD" --protocol email --notification-endpoint nobody@example.com
aws cloudwatch put-metric-alarm --alarm-name müller --namespace AWS/EC2 --metric-name CPUUtilization --statistic Average --period 300 \
  --evaluation-periods 1 --threshold 90 --comparison-operator GreaterThanThreshold --alarm-actions "$UNREAD"
aws events put-rule --name guardduty --state DISABLED --event-pattern '{"source":["aws.guardduty"],"detail-type":["GuardDuty Finding"]}'
aws events put-targets --rule guardduty --targets "Id=mail,Arn=$UNREAD"

# 20 · A detector that watches nothing more than it must, beside everything that it could watch. Its findings go nowhere:
# one rule waits for another spelling, one has no target, one is for the lowest severity.
export AWS_DEFAULT_REGION=ap-northeast-1
aws guardduty create-detector --enable --features \
  '[{"Name":"S3_DATA_EVENTS","Status":"DISABLED"},{"Name":"EKS_AUDIT_LOGS","Status":"DISABLED"},{"Name":"EBS_MALWARE_PROTECTION","Status":"DISABLED"},
    {"Name":"RDS_LOGIN_EVENTS","Status":"DISABLED"},{"Name":"LAMBDA_NETWORK_LOGS","Status":"DISABLED"},{"Name":"RUNTIME_MONITORING","Status":"DISABLED"}]'
aws securityhub enable-security-hub --no-enable-default-standards
MAIL=$(aws sns create-topic --name mail --query TopicArn --output text)
aws events put-rule --name spelling --event-pattern '{"source":["aws.guard-duty"],"detail-type":["GuardDuty Finding"]}'
aws events put-targets --rule spelling --targets "Id=mail,Arn=$MAIL"
aws events put-rule --name nowhere --description '<b>どこにも</b> "行かない"' --event-pattern '{"source":["aws.guardduty"]}'
aws events put-rule --name hub-insights --event-pattern '{"source":["aws.securityhub"],"detail-type":["Security Hub Insight Results"]}'
aws events put-targets --rule hub-insights --targets "Id=mail,Arn=$MAIL"

DEFAULT_VPC=$(aws ec2 describe-vpcs --filters Name=is-default,Values=true --query 'Vpcs[0].VpcId' --output text)
read -r SUBNET_1 SUBNET_2 _ < <(aws ec2 describe-subnets --filters "Name=vpc-id,Values=$DEFAULT_VPC" --query 'Subnets[].SubnetId' --output text)
aws ec2 run-instances --image-id "$(aws ec2 describe-images --owners amazon --query 'Images[0].ImageId' --output text)" --instance-type t3.micro \
  --subnet-id "$SUBNET_1" --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=東京のウェブ}]'
aws eks create-cluster --name bad-apps --kubernetes-version 1.28 --role-arn arn:aws:iam::444455556666:role/anyones \
  --resources-vpc-config "subnetIds=$SUBNET_1,$SUBNET_2,endpointPublicAccess=true,publicAccessCidrs=0.0.0.0/0" \
  --logging '{"clusterLogging":[{"types":["api"],"enabled":true},{"types":["audit","authenticator","controllerManager","scheduler"],"enabled":false}]}'
aws rds create-db-cluster --db-cluster-identifier bad-tokyo-cluster --engine aurora-mysql --master-username admin --master-user-password 'Secret-Password-6'
CODE=$(mktemp --suffix .zip)
python3 -c "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').writestr('index.py', 'def handler(event, context): pass')" "$CODE"
aws lambda create-function --function-name silent --runtime python3.13 --handler index.handler --zip-file "fileb://$CODE" \
  --role arn:aws:iam::444455556666:role/anyones
rm "$CODE"
aws ecs register-task-definition --family silent --container-definitions \
  '[{"name":"app","image":"example/app:1","memory":128},{"name":"told","image":"example/told:1","memory":128,"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"told","awslogs-region":"ap-northeast-1"}}}]'
aws opensearch create-domain --domain-name bad-search --engine-version OpenSearch_1.3 --encryption-at-rest-options Enabled=false \
  --access-policies "$(everyone 'es:ESHttp*' 'arn:aws:es:ap-northeast-1:444455556666:domain/bad-search/*')"
aws logs create-log-group --log-group-name old/trail
aws cloudtrail create-trail --name tokyo --s3-bucket-name bad-tokyo --no-is-multi-region-trail --cloud-watch-logs-role-arn "$TRAIL_ROLE" \
  --cloud-watch-logs-log-group-arn 'arn:aws:logs:ap-northeast-1:444455556666:log-group:old/trail:*'
aws cloudtrail put-event-selectors --trail-name tokyo --event-selectors "$MANAGEMENT"
aws cloudtrail start-logging --name tokyo
API=$(aws apigateway create-rest-api --name unlogged --query id --output text)
RESOURCE=$(aws apigateway get-resources --rest-api-id "$API" --query 'items[0].id' --output text)
aws apigateway put-method --rest-api-id "$API" --resource-id "$RESOURCE" --http-method GET --authorization-type NONE
aws apigateway put-integration --rest-api-id "$API" --resource-id "$RESOURCE" --http-method GET --type MOCK
aws apigateway create-deployment --rest-api-id "$API" --stage-name live
API=$(aws apigatewayv2 create-api --name unlogged --protocol-type WEBSOCKET --route-selection-expression '$request.body.action' --query ApiId --output text)
aws apigatewayv2 create-stage --api-id "$API" --stage-name live
