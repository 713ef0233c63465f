#!/usr/bin/env bash
# Account: 123456789012
# The account of `aws-audit scan --demo`: a young company in Tokyo whose product came first. Some of it is set
# up well. Dates, root's credentials and Access Analyzer are in ../overlay/demo/.
set -euo pipefail
export AWS_DEFAULT_REGION=ap-northeast-1

ANYONE=0.0.0.0/0
EC2_TRUST='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
CONFIG_TRUST='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"config.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
BLOCK_PUBLIC_ACCESS=BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true

### People and machines

aws iam create-account-alias --account-alias example-startup
aws iam update-account-password-policy --minimum-password-length 8 --password-reuse-prevention 24

FULL=$(aws iam create-policy --policy-name developer-full --query Policy.Arn --output text --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Sid":"ForNow","Effect":"Allow","Action":"*","Resource":"*"}]}')
aws iam create-policy --policy-name read-reports --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::example-startup-reports/*"}]}'
aws iam create-group --group-name developers
aws iam attach-group-policy --group-name developers --policy-arn "$FULL"

aws iam create-user --user-name founder
aws iam attach-user-policy --user-name founder --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
aws iam create-login-profile --user-name founder --password 'Correct-Horse-1'
for NAME in sato suzuki; do
  aws iam create-user --user-name "$NAME"
  aws iam add-user-to-group --user-name "$NAME" --group-name developers
  aws iam create-login-profile --user-name "$NAME" --password 'Correct-Horse-2'
done
aws iam create-user --user-name ci
aws iam put-user-policy --user-name ci --policy-name deploy --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"organizations:*","Resource":"*"}]}'
aws iam create-access-key --user-name ci
aws iam create-access-key --user-name ci

aws iam create-role --role-name web --assume-role-policy-document "$EC2_TRUST"
aws iam put-role-policy --role-name web --policy-name reports --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::example-startup-reports/*"}]}'
CONFIG_ROLE=$(aws iam create-role --role-name config --assume-role-policy-document "$CONFIG_TRUST" --query Role.Arn --output text)

# Its deployments may hand any role to any service, and this one can do everything.
aws iam create-role --role-name batch-jobs --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
aws iam attach-role-policy --role-name batch-jobs --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com --client-id-list sts.amazonaws.com
aws iam create-role --role-name github-actions --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}}]}'
aws iam put-role-policy --role-name github-actions --policy-name deploy --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:PassRole","lambda:*"],"Resource":"*"}]}'
aws iam create-role --role-name dashboard-vendor --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::777788889999:root"},"Action":"sts:AssumeRole"}]}'
aws cognito-idp create-user-pool --pool-name app-users --mfa-configuration OFF --user-pool-add-ons AdvancedSecurityMode=AUDIT \
  --policies 'PasswordPolicy={MinimumLength=8,RequireUppercase=false,RequireLowercase=true,RequireNumbers=true,RequireSymbols=false}'
# Visitors upload pictures before they sign up (that they get the role: ../overlay/demo/).
POOL=$(aws cognito-identity create-identity-pool --identity-pool-name app --allow-unauthenticated-identities --query IdentityPoolId --output text)
aws iam create-role --role-name app-guests --assume-role-policy-document \
  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Federated\":\"cognito-identity.amazonaws.com\"},\"Action\":\"sts:AssumeRoleWithWebIdentity\",\"Condition\":{\"StringEquals\":{\"cognito-identity.amazonaws.com:aud\":\"$POOL\"},\"ForAnyValue:StringLike\":{\"cognito-identity.amazonaws.com:amr\":\"unauthenticated\"}}}]}"
aws iam put-role-policy --role-name app-guests --policy-name uploads --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::example-startup-assets/uploads/*"}]}'
BUILD_ROLE=$(aws iam create-role --role-name build --query Role.Arn --output text --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}')
aws codebuild create-project --name app --source type=CODECOMMIT,location=https://git-codecommit.ap-northeast-1.amazonaws.com/v1/repos/app \
  --artifacts type=NO_ARTIFACTS --environment \
  '{"type":"LINUX_CONTAINER","image":"aws/codebuild/standard:7.0","computeType":"BUILD_GENERAL1_SMALL","environmentVariables":[{"name":"STAGE","value":"prod","type":"PLAINTEXT"},{"name":"SENTRY_AUTH_TOKEN","value":"/ci/sentry-token","type":"PARAMETER_STORE"}]}' \
  --service-role "$BUILD_ROLE"

### Buckets

for BUCKET in example-startup-assets example-startup-exports example-startup-lp example-startup-reports example-startup-trail; do
  aws s3api create-bucket --bucket "$BUCKET" --object-ownership BucketOwnerEnforced \
    --create-bucket-configuration LocationConstraint=ap-northeast-1
done
# The site's pictures, and more than that.
# As buckets were before 2023: access control lists count.
aws s3api put-bucket-ownership-controls --bucket example-startup-lp --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerPreferred}]'
aws s3api put-bucket-policy --bucket example-startup-assets --policy \
  '{"Version":"2012-10-17","Statement":[{"Sid":"PublicRead","Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::example-startup-assets","arn:aws:s3:::example-startup-assets/*"]}]}'
# A partner uploads here, and so can everyone.
aws s3api put-bucket-policy --bucket example-startup-exports --policy \
  '{"Version":"2012-10-17","Statement":[{"Sid":"PartnerUpload","Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::example-startup-exports/*"}]}'
aws s3api put-public-access-block --bucket example-startup-reports --public-access-block-configuration "$BLOCK_PUBLIC_ACCESS"
aws s3api put-bucket-versioning --bucket example-startup-reports --versioning-configuration Status=Enabled
aws s3api put-bucket-policy --bucket example-startup-reports --policy \
  '{"Version":"2012-10-17","Statement":[{"Sid":"OldShare","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::example-startup-reports/*"},{"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::example-startup-reports","arn:aws:s3:::example-startup-reports/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}'
aws s3api put-public-access-block --bucket example-startup-trail --public-access-block-configuration "$BLOCK_PUBLIC_ACCESS"
aws s3api put-bucket-policy --bucket example-startup-trail --policy \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:*","Resource":["arn:aws:s3:::example-startup-trail","arn:aws:s3:::example-startup-trail/*"]}]}'

# A reports reader inside the VPC comes through an access point.
aws s3control create-access-point --account-id 123456789012 --name reports --bucket example-startup-reports \
  --public-access-block-configuration "$BLOCK_PUBLIC_ACCESS"

### The network

VPC=$(aws ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId --output text)
aws ec2 create-tags --resources "$VPC" --tags Key=Name,Value=production
SUBNET_A=$(aws ec2 create-subnet --vpc-id "$VPC" --cidr-block 10.0.0.0/24 --availability-zone ap-northeast-1a --query Subnet.SubnetId --output text)
SUBNET_C=$(aws ec2 create-subnet --vpc-id "$VPC" --cidr-block 10.0.1.0/24 --availability-zone ap-northeast-1c --query Subnet.SubnetId --output text)
GATEWAY=$(aws ec2 create-internet-gateway --query InternetGateway.InternetGatewayId --output text)
aws ec2 attach-internet-gateway --internet-gateway-id "$GATEWAY" --vpc-id "$VPC"
ROUTES=$(aws ec2 describe-route-tables --filters "Name=vpc-id,Values=$VPC" --query 'RouteTables[0].RouteTableId' --output text)
aws ec2 create-route --route-table-id "$ROUTES" --destination-cidr-block "$ANYONE" --gateway-id "$GATEWAY"
LOGS_ROLE=$(aws iam create-role --role-name flow-logs --query Role.Arn --output text --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"vpc-flow-logs.amazonaws.com"},"Action":"sts:AssumeRole"}]}')
aws logs create-log-group --log-group-name vpc-flow-logs
aws ec2 create-flow-logs --resource-type VPC --resource-ids "$VPC" --traffic-type ALL --log-group-name vpc-flow-logs \
  --deliver-logs-permission-arn "$LOGS_ROLE"
aws ec2 create-vpc-endpoint --vpc-id "$VPC" --vpc-endpoint-type Gateway --service-name com.amazonaws.ap-northeast-1.s3 --route-table-ids "$ROUTES"
aws ec2 create-vpc-endpoint --vpc-id "$VPC" --vpc-endpoint-type Gateway --service-name com.amazonaws.ap-northeast-1.dynamodb --route-table-ids "$ROUTES" \
  --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"123456789012"}}}]}'

group() { aws ec2 create-security-group --group-name "$1" --description "$2" --vpc-id "$VPC" --query GroupId --output text; }
WEB=$(group web 'Web servers')
for PORT in 80 443; do aws ec2 authorize-security-group-ingress --group-id "$WEB" --protocol tcp --port "$PORT" --cidr "$ANYONE"; done
BASTION=$(group bastion 'Log in from home')
aws ec2 authorize-security-group-ingress --group-id "$BASTION" --protocol tcp --port 22 --cidr "$ANYONE"
aws ec2 authorize-security-group-ingress --group-id "$BASTION" --protocol tcp --port 3389 --cidr "$ANYONE"
DATABASE=$(group database 'PostgreSQL')
aws ec2 authorize-security-group-ingress --group-id "$DATABASE" --protocol tcp --port 5432 --source-group "$WEB"
ANALYTICS=$(group analytics 'PostgreSQL for the dashboard vendor')
aws ec2 authorize-security-group-ingress --group-id "$ANALYTICS" --protocol tcp --port 5432 --cidr "$ANYONE"
OFFICES=$(aws ec2 create-managed-prefix-list --prefix-list-name offices --address-family IPv4 --max-entries 4 \
  --entries Cidr=203.0.113.0/28 --query PrefixList.PrefixListId --output text)
ADMIN=$(group admin 'Back office, from the offices only')
aws ec2 authorize-security-group-ingress --group-id "$ADMIN" --ip-permissions \
  "[{\"IpProtocol\":\"tcp\",\"FromPort\":8443,\"ToPort\":8443,\"PrefixListIds\":[{\"PrefixListId\":\"$OFFICES\"}]}]"
TEMPORARY=$(group temporary 'delete after the launch')
aws ec2 authorize-security-group-ingress --group-id "$TEMPORARY" --protocol=-1 --cidr "$ANYONE"

ENDPOINTS=$(group endpoints 'HTTPS to AWS')
aws ec2 authorize-security-group-ingress --group-id "$ENDPOINTS" --protocol tcp --port 443 --cidr 10.0.0.0/8
aws ec2 authorize-security-group-egress --group-id "$WEB" --protocol tcp --port 443 --source-group "$ENDPOINTS"
aws ec2 create-vpc-endpoint --vpc-id "$VPC" --vpc-endpoint-type Interface --service-name com.amazonaws.ap-northeast-1.ssm \
  --subnet-ids "$SUBNET_A" --security-group-ids "$ENDPOINTS"

# Their dates: ../overlay/demo/.
IMAGE=ami-12c6146b
aws ec2 run-instances --image-id "$IMAGE" --instance-type t3.small --subnet-id "$SUBNET_A" --security-group-ids "$WEB" \
  --metadata-options HttpTokens=required,HttpEndpoint=enabled --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=web-1},{Key=managed-node,Value=yes},{Key=patches-missing,Value=6},{Key=patched-days-ago,Value=38},{Key=associations-failed,Value=1}]'
aws ec2 run-instances --image-id ami-03cf127a --instance-type t3.micro --subnet-id "$SUBNET_A" --security-group-ids "$BASTION" \
  --associate-public-ip-address --metadata-options HttpTokens=optional,HttpEndpoint=enabled --user-data "$(printf '#!/bin/bash\nyum -y install postgresql15\necho "analytics.example.com:5432:*:postgres:S4kura-Mochi-31" > /root/.pgpass\nexport PGPASSWORD=S4kura-Mochi-31\n')" --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=bastion}]'

aws ec2 create-launch-template --launch-template-name web --launch-template-data \
  "{\"ImageId\":\"$IMAGE\",\"MetadataOptions\":{\"HttpTokens\":\"required\"},\"UserData\":\"$(printf '#!/bin/bash\naws s3 cp s3://example-startup-reports/bootstrap.sh /tmp/ && bash /tmp/bootstrap.sh\n' | base64 -w0)\"}"

aws ec2 create-network-acl --vpc-id "$VPC" --tag-specifications 'ResourceType=network-acl,Tags=[{Key=Name,Value=strict}]'
# The old office network, all of it.
OFFICE=$(aws ec2 create-vpc --cidr-block 10.20.0.0/16 --query Vpc.VpcId --output text)
PEERING=$(aws ec2 create-vpc-peering-connection --vpc-id "$VPC" --peer-vpc-id "$OFFICE" \
  --query VpcPeeringConnection.VpcPeeringConnectionId --output text)
aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id "$PEERING"
aws ec2 create-route --route-table-id "$ROUTES" --destination-cidr-block 10.20.0.0/16 --vpc-peering-connection-id "$PEERING"

BALANCER=$(aws elbv2 create-load-balancer --name web --subnets "$SUBNET_A" "$SUBNET_C" --security-groups "$WEB" --scheme internet-facing \
  --query 'LoadBalancers[0].LoadBalancerArn' --output text)
TARGETS=$(aws elbv2 create-target-group --name web --protocol HTTP --port 8080 --vpc-id "$VPC" \
  --query 'TargetGroups[0].TargetGroupArn' --output text)
WEB_1=$(aws ec2 describe-instances --filters Name=tag:Name,Values=web-1 --query 'Reservations[0].Instances[0].InstanceId' --output text)
aws elbv2 register-targets --target-group-arn "$TARGETS" --targets "Id=$WEB_1"
aws elbv2 create-listener --load-balancer-arn "$BALANCER" --protocol HTTP --port 80 \
  --default-actions "Type=forward,TargetGroupArn=$TARGETS"
# For the other VPCs, at the database's own port.
LEDGER=$(aws elbv2 create-load-balancer --name ledger --type network --scheme internal --subnets "$SUBNET_A" "$SUBNET_C" \
  --query 'LoadBalancers[0].LoadBalancerArn' --output text)
LEDGER_TARGETS=$(aws elbv2 create-target-group --name ledger --protocol TCP --port 5432 --target-type ip --vpc-id "$VPC" \
  --query 'TargetGroups[0].TargetGroupArn' --output text)
aws elbv2 create-listener --load-balancer-arn "$LEDGER" --protocol TCP --port 5432 \
  --default-actions "Type=forward,TargetGroupArn=$LEDGER_TARGETS"

VOLUME=$(aws ec2 describe-instances --filters Name=tag:Name,Values=web-1 --output text \
  --query 'Reservations[0].Instances[0].BlockDeviceMappings[0].Ebs.VolumeId')
SNAPSHOT=$(aws ec2 create-snapshot --volume-id "$VOLUME" --description 'image for the agency' --query SnapshotId --output text)
aws ec2 modify-snapshot-attribute --snapshot-id "$SNAPSHOT" --attribute createVolumePermission --operation-type add --group-names all

### Databases

aws rds create-db-subnet-group --db-subnet-group-name production --db-subnet-group-description production --subnet-ids "$SUBNET_A" "$SUBNET_C"
aws rds create-db-instance --db-instance-identifier app --engine postgres --engine-version 16.8 --ca-certificate-identifier rds-ca-rsa2048-g1 --db-instance-class db.t3.medium --allocated-storage 50 \
  --master-username app --master-user-password 'Secret-Password-1' --no-publicly-accessible --storage-encrypted \
  --auto-minor-version-upgrade --backup-retention-period 7 --db-subnet-group-name production --vpc-security-group-ids "$DATABASE"
aws rds create-db-instance --db-instance-identifier analytics --engine postgres --engine-version 12.22 --ca-certificate-identifier rds-ca-2019 --db-instance-class db.t3.small --allocated-storage 20 \
  --master-username postgres --master-user-password 'Secret-Password-2' --publicly-accessible --no-storage-encrypted \
  --no-auto-minor-version-upgrade --backup-retention-period 0 --db-subnet-group-name production --vpc-security-group-ids "$ANALYTICS"
aws dms create-replication-instance --replication-instance-identifier warehouse-sync --replication-instance-class dms.t3.micro \
  --no-publicly-accessible --vpc-security-group-ids "$DATABASE"
aws rds create-db-snapshot --db-instance-identifier analytics --db-snapshot-identifier analytics-for-vendor
aws rds modify-db-snapshot-attribute --db-snapshot-identifier analytics-for-vendor --attribute-name restore --values-to-add all

aws rds create-db-cluster --db-cluster-identifier events --engine aurora-mysql --engine-version 8.0.mysql_aurora.3.08.2 --master-username app --master-user-password 'Secret-Password-3' --storage-encrypted
aws rds create-db-cluster-snapshot --db-cluster-identifier events --db-cluster-snapshot-identifier events-before-upgrade

### What runs without servers, and what it runs with (dates, scans, CloudFront and its web ACLs: ../overlay/demo/)

# Sites behind CloudFront: pictures, the application, the landing page. A load balancer of the admins' own, protected.
INTERNAL=$(aws elbv2 create-load-balancer --name back-office --subnets "$SUBNET_A" "$SUBNET_C" --security-groups "$ADMIN" --scheme internet-facing \
  --query 'LoadBalancers[0].LoadBalancerArn' --output text)
aws elbv2 create-listener --load-balancer-arn "$INTERNAL" --protocol HTTP --port 8443 \
  --default-actions 'Type=fixed-response,FixedResponseConfig={StatusCode=503,ContentType=text/plain}'
ACL=$(aws wafv2 create-web-acl --scope REGIONAL --name back-office --default-action Allow={} \
  --visibility-config SampledRequestsEnabled=true,CloudWatchMetricsEnabled=true,MetricName=back --query Summary.ARN --output text --rules \
  '[{"Name":"rate","Priority":0,"Action":{"Block":{}},"VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"rate"},"Statement":{"RateBasedStatement":{"Limit":500,"EvaluationWindowSec":300,"AggregateKeyType":"IP"}}}]')
aws wafv2 associate-web-acl --web-acl-arn "$ACL" --resource-arn "$INTERNAL"
aws wafv2 put-logging-configuration --logging-configuration "ResourceArn=$ACL,LogDestinationConfigs=arn:aws:s3:::aws-waf-logs-example-startup"

API=$(aws apigateway create-rest-api --name partner-api --endpoint-configuration types=REGIONAL --query id --output text)
ROOT=$(aws apigateway get-resources --rest-api-id "$API" --query 'items[0].id' --output text)
aws apigateway put-method --rest-api-id "$API" --resource-id "$ROOT" --http-method GET --authorization-type AWS_IAM
aws apigateway put-integration --rest-api-id "$API" --resource-id "$ROOT" --http-method GET --type MOCK
aws apigateway create-deployment --rest-api-id "$API" --stage-name v1
API=$(aws apigatewayv2 create-api --name mobile --protocol-type HTTP --query ApiId --output text)
aws apigatewayv2 create-stage --api-id "$API" --stage-name '$default' --auto-deploy

CODE=$(mktemp --suffix .zip)
python3 -c "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').writestr('index.py', 'def handler(event, context): pass')" "$CODE"
function_() { aws lambda create-function --function-name "$1" --runtime "$2" --handler index.handler --zip-file "fileb://$CODE" \
  --role arn:aws:iam::123456789012:role/batch-jobs --environment "$3"; }
function_ nightly-batch python3.8 '{"Variables":{"DB_HOST":"app.example.com","DB_PASSWORD":"Kur0-Neko-2024"}}'
function_ thumbnails nodejs22.x '{"Variables":{"BUCKET":"example-startup-assets"}}'
function_ slack-notify python3.13 '{"Variables":{"SECRET_NAME":"slack-webhook"}}'
aws lambda create-function-url-config --function-name slack-notify --auth-type NONE
aws lambda add-permission --function-name thumbnails --statement-id s3 --action lambda:InvokeFunction --principal s3.amazonaws.com --source-account 123456789012
rm "$CODE"

aws ecs create-cluster --cluster-name app
task() { aws ecs register-task-definition --family "$1" --requires-compatibilities FARGATE --network-mode awsvpc --cpu 256 --memory 512 \
  --container-definitions "$2" --query taskDefinition.taskDefinitionArn --output text; }
service() { aws ecs create-service --cluster app --service-name "$1" --task-definition "$2" --desired-count 2 --launch-type FARGATE --platform-version "$3" \
  --network-configuration "awsvpcConfiguration={subnets=[$SUBNET_A],securityGroups=[$WEB]}"; }
TASK=$(task api '[{"name":"api","image":"example/api:1","environment":[{"name":"STAGE","value":"prod"}],"secrets":[{"name":"DB_PASSWORD","valueFrom":"arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:app-db-a1B2c3"}],"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/ecs/api","awslogs-region":"ap-northeast-1","awslogs-stream-prefix":"api"}}}]')
service api "$TASK" LATEST
TASK=$(task worker '[{"name":"worker","image":"example/worker:1","environment":[{"name":"REDIS_URL","value":"redis://:M0mo-Taro-88@cache.example.com:6379/0"}]}]')
service worker "$TASK" 1.3.0

# What runs with a role of its own, besides (App Runner and code interpreters: ../overlay/demo/).
REPORTS_ROLE=$(aws iam create-role --role-name reports --query Role.Arn --output text --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["glue.amazonaws.com","sagemaker.amazonaws.com","states.amazonaws.com"]},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}')
aws iam put-role-policy --role-name reports --policy-name reports --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::example-startup-reports/*"}]}'
aws glue create-job --name monthly-report --role "$REPORTS_ROLE" --command Name=glueetl,ScriptLocation=s3://example-startup-reports/monthly.py
aws sagemaker create-notebook-instance --notebook-instance-name analysis --instance-type ml.t3.medium --role-arn "$REPORTS_ROLE"
aws stepfunctions create-state-machine --name report --role-arn "$REPORTS_ROLE" --definition \
  '{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}'

EKS_ROLE=$(aws iam create-role --role-name eks --query Role.Arn --output text --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Action":"sts:AssumeRole"}]}')
aws eks create-cluster --name experiments --kubernetes-version 1.31 --role-arn "$EKS_ROLE" --resources-vpc-config \
  "subnetIds=$SUBNET_A,$SUBNET_C,endpointPublicAccess=true,publicAccessCidrs=0.0.0.0/0"
aws opensearch create-domain --domain-name products --engine-version OpenSearch_2.11

aws ssm put-parameter --name /app/prod/db_password --type String --value not-kept-here
aws ssm put-parameter --name /app/prod/api_key --type SecureString --value not-kept-here
aws ssm put-parameter --name /app/prod/db_host --type String --value app.example.com
aws ssm create-document --name deploy-app --document-type Command --document-format JSON --content \
  '{"schemaVersion":"2.2","description":"Deploy","mainSteps":[{"action":"aws:runShellScript","name":"deploy","inputs":{"runCommand":["/opt/app/deploy.sh"]}}]}'
aws cloudformation create-stack --stack-name analytics --parameters ParameterKey=DbPassword,ParameterValue=Yuk1-Daruma-19 --template-body \
  '{"Parameters":{"DbPassword":{"Type":"String"}},"Resources":{"Host":{"Type":"AWS::SSM::Parameter","Properties":{"Name":"/analytics/host","Type":"String","Value":"analytics.example.com"}}},"Outputs":{"Host":{"Value":{"Ref":"Host"}}}}'

# The tag makes the emulator end their ARNs as in ../overlay/demo/.
for SECRET in app-db stripe-api-key old-mailer analytics-db; do
  aws secretsmanager create-secret --name "$SECRET" --secret-string not-kept-here --tags Key=_custom_id_,Value=a1B2c3
done
KEY=$(aws kms create-key --key-usage ENCRYPT_DECRYPT --description 'app' --query KeyMetadata.KeyId --output text)
aws kms enable-key-rotation --key-id "$KEY"
aws kms create-alias --alias-name alias/app --target-key-id "$KEY"
aws kms create-alias --alias-name alias/exports --target-key-id "$(aws kms create-key --key-usage ENCRYPT_DECRYPT --description 'exports' --query KeyMetadata.KeyId --output text)"
aws kms schedule-key-deletion --pending-window-in-days 30 --key-id "$(aws kms create-key --key-usage ENCRYPT_DECRYPT --description 'old exports' --query KeyMetadata.KeyId --output text)"

aws ecr create-repository --repository-name app --image-scanning-configuration scanOnPush=true
aws ecr create-repository --repository-name batch --image-tag-mutability IMMUTABLE
aws ecr put-lifecycle-policy --repository-name app --lifecycle-policy-text \
  '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}]}'
for REPOSITORY in app batch; do
  aws ecr put-image --repository-name "$REPOSITORY" --image-tag latest --image-manifest \
    "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\",\"size\":7023,\"digest\":\"sha256:$(printf "$REPOSITORY" | sha256sum | cut -c1-64)\"},\"layers\":[]}"
done

### Recording and detection: in Tokyo only

aws cloudtrail create-trail --name audit --s3-bucket-name example-startup-trail --no-is-multi-region-trail
aws cloudtrail start-logging --name audit
aws configservice put-configuration-recorder --configuration-recorder "name=default,roleARN=$CONFIG_ROLE" --recording-group allSupported=true
aws configservice put-delivery-channel --delivery-channel name=default,s3BucketName=example-startup-trail
aws configservice start-configuration-recorder --configuration-recorder-name default
aws guardduty create-detector --enable
aws ec2 enable-ebs-encryption-by-default

### Recording, detection, response, and data elsewhere

export AWS_DEFAULT_REGION=ap-northeast-1

# The trail reaches a log group, and two alarms of the fifteen are there.
aws logs create-log-group --log-group-name audit-trail
aws logs put-retention-policy --log-group-name audit-trail --retention-in-days 400
TRAIL_ROLE=$(aws iam create-role --role-name trail-to-logs --query Role.Arn --output text --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}]}')
aws cloudtrail update-trail --name audit --cloud-watch-logs-role-arn "$TRAIL_ROLE" \
  --cloud-watch-logs-log-group-arn 'arn:aws:logs:ap-northeast-1:123456789012:log-group:audit-trail:*'
aws cloudtrail put-event-selectors --trail-name audit --event-selectors \
  '[{"ReadWriteType":"All","IncludeManagementEvents":true,"DataResources":[],"ExcludeManagementEventSources":["rdsdata.amazonaws.com"]}]'
ALERTS=$(aws sns create-topic --name alerts --query TopicArn --output text)
aws sns subscribe --topic-arn "$ALERTS" --protocol email --notification-endpoint dev@example.com
alarm() { # NAME NAMESPACE METRIC [OPTION…]
  aws cloudwatch put-metric-alarm --alarm-name "$1" --namespace "$2" --metric-name "$3" --statistic Maximum --period 300 \
    --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold "${@:4}"
}
aws logs put-metric-filter --log-group-name audit-trail --filter-name root-use --metric-transformations metricName=RootUse,metricNamespace=Audit,metricValue=1 \
  --filter-pattern '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }'
alarm root-use Audit RootUse --alarm-actions "$ALERTS"
aws logs put-metric-filter --log-group-name audit-trail --filter-name login-failures --metric-transformations metricName=LoginFailures,metricNamespace=Audit,metricValue=1 \
  --filter-pattern '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }'
alarm login-failures Audit LoginFailures --alarm-actions "$ALERTS"
alarm database-disk AWS/RDS FreeStorageSpace

aws configservice put-config-rule --config-rule '{"ConfigRuleName":"restricted-ssh","Source":{"Owner":"AWS","SourceIdentifier":"INCOMING_SSH_DISABLED"}}'
aws configservice put-config-rule --config-rule '{"ConfigRuleName":"encrypted-volumes","Source":{"Owner":"AWS","SourceIdentifier":"ENCRYPTED_VOLUMES"}}'
aws configservice put-config-rule --config-rule '{"ConfigRuleName":"s3-bucket-public-read-prohibited","Source":{"Owner":"AWS","SourceIdentifier":"S3_BUCKET_PUBLIC_READ_PROHIBITED"}}'

# Detection is on, in part. What it found is in ../overlay/demo/.
aws securityhub enable-security-hub --enable-default-standards
DETECTOR=$(aws guardduty list-detectors --query 'DetectorIds[0]' --output text)
aws guardduty update-detector --detector-id "$DETECTOR" --enable --features \
  '[{"Name":"S3_DATA_EVENTS","Status":"ENABLED"},{"Name":"EKS_AUDIT_LOGS","Status":"ENABLED"},{"Name":"EBS_MALWARE_PROTECTION","Status":"ENABLED"},
    {"Name":"RDS_LOGIN_EVENTS","Status":"ENABLED"},{"Name":"LAMBDA_NETWORK_LOGS","Status":"DISABLED"},{"Name":"RUNTIME_MONITORING","Status":"DISABLED"}]'
aws events put-rule --name guardduty --event-pattern '{"source":["aws.guardduty"],"detail-type":["GuardDuty Finding"],"detail":{"severity":[{"numeric":[">=",7]}]}}'
aws events put-targets --rule guardduty --targets "Id=alerts,Arn=$ALERTS"
aws backup create-backup-vault --backup-vault-name databases
aws backup create-backup-plan --backup-plan \
  '{"BackupPlanName":"databases","Rules":[{"RuleName":"nightly","TargetBackupVaultName":"databases","ScheduleExpression":"cron(0 18 * * ? *)","Lifecycle":{"DeleteAfterDays":14}}]}'

# Data elsewhere, and what logs.
SUBNETS=$(aws ec2 describe-subnets --filters Name=vpc-id,Values="$(aws ec2 describe-vpcs --filters Name=tag:Name,Values=production \
  --query 'Vpcs[0].VpcId' --output text)" --query 'Subnets[].SubnetId' --output text)
read -r SUBNET_A SUBNET_C _ <<<"$SUBNETS"
security_group() { aws ec2 describe-security-groups --filters "Name=group-name,Values=$1" --query 'SecurityGroups[0].GroupId' --output text; }
DATABASE=$(security_group database)
aws rds modify-db-instance --db-instance-identifier app --cloudwatch-logs-export-configuration '{"EnableLogTypes":["postgresql"]}'
BALANCER=$(aws elbv2 describe-load-balancers --names web --query 'LoadBalancers[0].LoadBalancerArn' --output text)
TARGETS=$(aws elbv2 describe-target-groups --names web --query 'TargetGroups[0].TargetGroupArn' --output text)
CERTIFICATE=$(aws acm request-certificate --domain-name app.example.com --validation-method DNS --query CertificateArn --output text)
aws elbv2 create-listener --load-balancer-arn "$BALANCER" --protocol HTTPS --port 443 --ssl-policy ELBSecurityPolicy-2016-08 \
  --certificates "CertificateArn=$CERTIFICATE" --default-actions "Type=forward,TargetGroupArn=$TARGETS"
for BALANCER in $(aws elbv2 describe-load-balancers --query 'LoadBalancers[].LoadBalancerArn' --output text); do
  aws elbv2 modify-load-balancer-attributes --load-balancer-arn "$BALANCER" --attributes Key=access_logs.s3.enabled,Value=false
done

API=$(aws apigateway create-rest-api --name back-office --query id --output text)
RESOURCE=$(aws apigateway get-resources --rest-api-id "$API" --query 'items[0].id' --output text)
aws apigateway put-method --rest-api-id "$API" --resource-id "$RESOURCE" --http-method GET --authorization-type AWS_IAM
aws apigateway put-integration --rest-api-id "$API" --resource-id "$RESOURCE" --http-method GET --type MOCK
aws apigateway create-deployment --rest-api-id "$API" --stage-name production
aws apigateway update-stage --rest-api-id "$API" --stage-name production --patch-operations op=replace,path=/*/*/logging/loglevel,value=ERROR
aws logs create-log-group --log-group-name /ecs/api
aws logs put-retention-policy --log-group-name /ecs/api --retention-in-days 30
FUNCTION_ROLE=$(aws iam create-role --role-name functions --query Role.Arn --output text --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}')
aws iam attach-role-policy --role-name functions --policy-arn arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
CODE=$(mktemp --suffix .zip)
python3 -c "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').writestr('index.py', 'def handler(event, context): pass')" "$CODE"
for FUNCTION in invoice-pdf monthly-invoice; do
  aws lambda create-function --function-name "$FUNCTION" --runtime python3.13 --handler index.handler --zip-file "fileb://$CODE" --role "$FUNCTION_ROLE"
done
rm "$CODE"
aws logs create-log-group --log-group-name /aws/lambda/invoice-pdf

aws redshift create-cluster-subnet-group --cluster-subnet-group-name production --description production --subnet-ids "$SUBNET_A" "$SUBNET_C"
aws redshift create-cluster --cluster-identifier sales --node-type ra3.large --cluster-type single-node --master-username analyst \
  --master-user-password 'Secret-Password-4' --no-encrypted --no-publicly-accessible --cluster-subnet-group-name production --vpc-security-group-ids "$DATABASE"
aws elasticache create-replication-group --replication-group-id sessions --replication-group-description sessions --engine valkey \
  --cache-node-type cache.t4g.micro --num-cache-clusters 2 --at-rest-encryption-enabled --no-transit-encryption-enabled --security-group-ids "$DATABASE"
FILES=$(aws efs create-file-system --creation-token uploads --encrypted --tags Key=Name,Value=uploads --query FileSystemId --output text)
aws efs create-mount-target --file-system-id "$FILES" --subnet-id "$SUBNET_A" --security-groups "$DATABASE"
aws efs create-file-system --creation-token old-uploads --no-encrypted --tags Key=Name,Value=old-uploads
for TABLE in carts clicks; do
  aws dynamodb create-table --table-name "$TABLE" --attribute-definitions AttributeName=id,AttributeType=S \
    --key-schema AttributeName=id,KeyType=HASH --billing-mode PAY_PER_REQUEST
done
aws dynamodb update-continuous-backups --table-name carts --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true
aws sqs create-queue --queue-name mail --attributes SqsManagedSseEnabled=true
aws sqs create-queue --queue-name partner-events --attributes \
  '{"SqsManagedSseEnabled":"false","Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Partner\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"arn:aws:sqs:ap-northeast-1:123456789012:partner-events\"}]}"}'
aws route53 create-hosted-zone --name startup.example.com --caller-reference startup
WEB_1=$(aws ec2 describe-instances --filters Name=tag:Name,Values=web-1 --query 'Reservations[0].Instances[0].InstanceId' --output text)
aws ec2 create-image --instance-id "$WEB_1" --name web-2026-10

# Bills are watched where AWS counts them; nobody ever confirmed the address.
export AWS_DEFAULT_REGION=us-east-1
BILLING=$(aws sns create-topic --name billing --query TopicArn --output text)
aws sns subscribe --topic-arn "$BILLING" --protocol email --notification-endpoint founder@example.com
alarm too-expensive AWS/Billing EstimatedCharges --alarm-actions "$BILLING"
