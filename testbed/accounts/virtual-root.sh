#!/usr/bin/env bash
# Account: 555566667777
# What excludes something that is wrong in bad.sh: root has MFA, but an app's, and there is an IAM Identity Center. The
# report, the device and the permission set, in two regions of which one tells it, are in ../overlay/virtual-root/.
aws organizations create-organization --feature-set ALL
