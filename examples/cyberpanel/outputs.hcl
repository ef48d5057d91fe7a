# What can be ordered, and what else can be read. What depends on a machine is read after it.

data "cyberpanel_plans" "all" {}

data "cyberpanel_templates" "all" {}

data "cyberpanel_locations" "all" {}

data "cyberpanel_account" "me" {}

data "cyberpanel_billing" "now" {}

data "cyberpanel_api_keys" "all" {}

data "cyberpanel_api_key_usage" "latest" {
  key_id = data.cyberpanel_api_keys.all.api_keys[0].id
  limit  = 5
}

data "cyberpanel_scopes" "known" {}

data "cyberpanel_health" "api" {}

data "cyberpanel_auth_test" "key" {}

data "cyberpanel_vps" "app" {
  id         = cyberpanel_vps.app.id
  depends_on = [cyberpanel_vps.app]
}

data "cyberpanel_vps_list" "suspended" {
  status     = "suspended"
  depends_on = [cyberpanel_vps.app]
}

data "cyberpanel_vps_summary" "all" {
  depends_on = [cyberpanel_vps.app]
}

data "cyberpanel_vps_status" "app" {
  vps_id     = cyberpanel_vps.app.id
  depends_on = [cyberpanel_vps.app]
}

data "cyberpanel_vps_deployment" "app" {
  vps_id     = cyberpanel_vps.app.id
  depends_on = [cyberpanel_vps.app]
}

data "cyberpanel_vps_snapshots" "app" {
  vps_id     = cyberpanel_vps.app.id
  depends_on = [cyberpanel_vps_snapshot.before_release]
}

locals {
  access = data.cyberpanel_vps_deployment.app.access_info
}

output "app" {
  description = "The machine."
  value = {
    login     = "ssh -p ${local.access.ssh_port} ${local.access.ssh_user}@${cyberpanel_vps.app.ip_address}"
    status    = cyberpanel_vps.app.status
    node      = data.cyberpanel_vps.app.node_hostname
    cores     = data.cyberpanel_vps_status.app.cpu.cores
    deployed  = data.cyberpanel_vps_deployment.app.completed_at != null
    snapshots = sort(data.cyberpanel_vps_snapshots.app.snapshots[*].name)
  }
}

output "account" {
  description = "The account and its key."
  value = {
    email     = data.cyberpanel_account.me.email
    funding   = data.cyberpanel_billing.now.auto_funding.enabled
    running   = data.cyberpanel_vps_summary.all.running > 0
    suspended = data.cyberpanel_vps_list.suspended.instances[*].name
    key       = data.cyberpanel_auth_test.key.key_name
    scopes    = data.cyberpanel_auth_test.key.scopes
    known     = length(data.cyberpanel_scopes.known.scopes)
    used      = length(data.cyberpanel_api_key_usage.latest.usage_logs) > 0
    api       = "${data.cyberpanel_health.api.service} ${data.cyberpanel_health.api.version}"
  }
}
