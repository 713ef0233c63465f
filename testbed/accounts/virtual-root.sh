#!/usr/bin/env bash
# Account: 555566667777
# What excludes something that is wrong in bad.sh: root has MFA, but an app's. The report and the device are in
# ../overlay/virtual-root/.
