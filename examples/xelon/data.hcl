# What there is to choose from. The names are those of the emulated clouds.

data "xelon_cloud" "main" {
  name = "Main HCP Cloud"
}

data "xelon_tenant" "current" {}

data "xelon_tenant" "customer" {
  name = "Acme Customer"
}

data "xelon_template" "linux" {
  name        = var.template
  cloud_id    = data.xelon_cloud.main.id
  most_recent = true
}

data "xelon_backup_plan" "chosen" {
  cloud_id = data.xelon_cloud.main.id
  name     = var.backup_plan
}

data "xelon_legacy_clouds" "all" {}

data "xelon_kubernetes_cluster_versions" "all" {
  cloud_id = data.xelon_cloud.main.id
}

data "xelon_kubernetes_cluster" "apps" {
  kubernetes_cluster_id = xelon_kubernetes_cluster.apps.id
}

data "xelon_activity" "web" {
  device_id = xelon_device.web.id
}

output "address" {
  value = xelon_firewall.edge.external_ipv4_address
}

output "newest_kubernetes" {
  value = data.xelon_kubernetes_cluster_versions.all.latest.kubernetes_version
}

output "kubeconfig" {
  value     = data.xelon_kubernetes_cluster.apps.kubeconfig_raw
  sensitive = true
}

output "s3_secret" {
  value     = xelon_object_storage_access_key.app.secret_access_key
  sensitive = true
}
