# A configuration as it was written for the vendor's Terraform provider: all its resource
# types, with its arguments, and nothing that it does not have. It runs unchanged.

terraform {
  required_providers {
    xelon = {
      source  = "Xelon-AG/xelon"
      version = "~> 1.10"
    }
  }
}

provider "xelon" {}

locals {
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl ci@example.com\n"
}

data "xelon_cloud" "main" {
  name = "Main HCP Cloud"
}

data "xelon_tenant" "this" {}

data "xelon_template" "ubuntu" {
  name        = "Ubuntu 22.04"
  cloud_id    = data.xelon_cloud.main.id
  most_recent = true
}

data "xelon_kubernetes_cluster_versions" "this" {
  cloud_id = data.xelon_cloud.main.id
}

data "xelon_backup_plan" "daily" {
  cloud_id = data.xelon_cloud.main.id
  name     = "Daily Backup"
}

resource "xelon_ssh_key" "admin" {
  name       = "admin"
  public_key = local.public_key
}

resource "xelon_network" "lan" {
  type          = "LAN"
  name          = "lan"
  cloud_id      = data.xelon_cloud.main.id
  tenant_id     = data.xelon_tenant.this.id
  network       = "10.11.0.0"
  subnet_size   = 24
  network_speed = 1000
  gateway       = "10.11.0.1"
  dns_primary   = "8.8.8.8"
  dns_secondary = "8.8.4.4"
}

resource "xelon_network" "wan" {
  type          = "WAN"
  name          = "wan"
  cloud_id      = data.xelon_cloud.main.id
  subnet_size   = 29
  network_speed = 1000
}

resource "xelon_device" "app" {
  display_name   = "app"
  hostname       = "app"
  template_id    = data.xelon_template.ubuntu.id
  tenant_id      = data.xelon_tenant.this.id
  cpu_core_count = 2
  memory         = 4
  disk_size      = 20
  swap_disk_size = 1
  password       = "S3cret!pass"
  ssh_key_id     = xelon_ssh_key.admin.id
  send_email     = false

  networks = [
    {
      id        = xelon_network.lan.id
      connected = true
    },
  ]
}

# Arguments that are seldom set, and some that the vendor's provider takes and never sends.
resource "xelon_device" "full" {
  display_name      = "full"
  hostname          = "full"
  template_id       = data.xelon_template.ubuntu.id
  tenant_id         = data.xelon_tenant.this.id
  cpu_core_count    = 2
  cpu_core_hotplug  = false
  memory            = 2
  memory_hotplug    = false
  disk_size         = 20
  swap_disk_size    = 20
  password          = "S3cret!pass"
  user_data         = "#cloud-config\npackages: [htop]\n"
  enable_monitoring = false
  backup_job_id     = data.xelon_backup_plan.daily.id
  script_id         = "5c5c5c5c5c5c"
  send_email        = true

  networks = [
    {
      id              = xelon_network.lan.id
      connected       = true
      ipv4_address    = null
      ipv4_address_id = null
    },
    {
      id        = xelon_network.wan.id
      connected = false
    },
  ]
}

resource "xelon_device" "by_cloud_init" {
  display_name      = "by cloud-init"
  hostname          = "init"
  template_id       = data.xelon_template.ubuntu.id
  tenant_id         = data.xelon_tenant.this.id
  cpu_core_count    = 1
  cpu_core_hotplug  = true
  memory            = 2
  memory_hotplug    = true
  disk_size         = 10
  enable_monitoring = false
  user_data         = "#cloud-config\npackages: [nginx]\n"

  networks = [{
    id           = xelon_network.lan.id
    connected    = true
    ipv4_address = "10.11.0.50"
  }]
}

resource "xelon_device_backup" "app" {
  device_id      = xelon_device.app.id
  backup_plan_id = data.xelon_backup_plan.daily.id
}

resource "xelon_persistent_storage" "data" {
  name      = "data"
  size      = 20
  cloud_id  = data.xelon_cloud.main.id
  device_id = xelon_device.app.id
}

resource "xelon_template" "golden" {
  name        = "golden"
  description = "Made from app"
  device_id   = xelon_device.app.id
  tenant_id   = data.xelon_tenant.this.id
}

resource "xelon_persistent_storage" "spare" {
  name      = "spare"
  size      = 10
  cloud_id  = data.xelon_cloud.main.id
  tenant_id = data.xelon_tenant.this.id
}

resource "xelon_iso" "full" {
  name        = "full"
  category_id = 1
  cloud_id    = data.xelon_cloud.main.id
  tenant_id   = data.xelon_tenant.this.id
  description = "With everything"
  url         = "https://mirror.example/full.iso"
}

resource "xelon_iso" "tools" {
  name        = "tools"
  category_id = 7
  cloud_id    = data.xelon_cloud.main.id
  url         = "https://mirror.example/tools.iso"
}

resource "xelon_firewall" "edge" {
  name                = "Edge firewall"
  cloud_id            = data.xelon_cloud.main.id
  tenant_id           = data.xelon_tenant.this.id
  internal_network_id = xelon_network.lan.id
  external_network_id = xelon_network.wan.id
}

resource "xelon_firewall" "inner" {
  name                  = "Inner firewall"
  cloud_id              = data.xelon_cloud.main.id
  tenant_id             = data.xelon_tenant.this.id
  internal_network_id   = xelon_network.lan.id
  internal_ipv4_address = "10.11.0.60"
}

resource "xelon_firewall_forwarding_rule" "ping" {
  firewall_id                = xelon_firewall.inner.id
  type                       = "inbound"
  protocol                   = "icmp"
  from_port                  = 0
  to_port                    = 0
  source_ipv4_addresses      = ["192.0.2.0/24", "198.51.100.7"]
  destination_ipv4_addresses = ["10.11.0.50"]
}

resource "xelon_firewall_forwarding_rule" "https" {
  firewall_id                = xelon_firewall.edge.id
  type                       = "inbound"
  protocol                   = "tcp"
  from_port                  = 443
  to_port                    = 8443
  source_ipv4_addresses      = ["0.0.0.0/0"]
  destination_ipv4_addresses = [tolist(xelon_device.app.networks)[0].ipv4_address]
}

resource "xelon_firewall_forwarding_rule" "dns" {
  firewall_id                = xelon_firewall.edge.id
  type                       = "outbound"
  protocol                   = "udp"
  from_port                  = 53
  to_port                    = 53
  source_ipv4_addresses      = ["10.11.0.50"]
  destination_ipv4_addresses = ["1.1.1.1", "9.9.9.9"]
}

resource "xelon_load_balancer" "front" {
  name       = "Front"
  type       = "layer4"
  cloud_id   = data.xelon_cloud.main.id
  tenant_id  = data.xelon_tenant.this.id
  network_id = xelon_network.lan.id
  device_ids = [xelon_device.app.id, xelon_device.by_cloud_init.id]
}

# Without devices; they may be added later.
resource "xelon_load_balancer" "web" {
  name                  = "Web"
  type                  = "layer7"
  cloud_id              = data.xelon_cloud.main.id
  tenant_id             = data.xelon_tenant.this.id
  network_id            = xelon_network.lan.id
  external_network_id   = xelon_network.wan.id
  internal_ipv4_address = "10.11.0.70"
}

resource "xelon_load_balancer_forwarding_rule" "http" {
  load_balancer_id = xelon_load_balancer.front.id
  ipv4_addresses   = [for d in [xelon_device.app, xelon_device.by_cloud_init] : one(d.networks).ipv4_address]
  from_port        = 80
  to_port          = 8080
}

resource "xelon_kubernetes_cluster" "this" {
  name               = "staging"
  cloud_id           = data.xelon_cloud.main.id
  tenant_id          = data.xelon_tenant.this.id
  kubernetes_version = data.xelon_kubernetes_cluster_versions.this.latest.kubernetes_version
  talos_version      = data.xelon_kubernetes_cluster_versions.this.latest.talos_version

  control_plane = {
    cpu_core_count            = 4
    high_availability_enabled = false
  }
  load_balancer = {
    high_availability_enabled = false
  }

  timeouts = {
    create = "45m"
    update = "45m"
  }
}

resource "xelon_kubernetes_node_pool" "workers" {
  kubernetes_cluster_id = xelon_kubernetes_cluster.this.id
  name                  = "workers"
  node_count            = 2
  cpu_core_count        = 4
  disk_size             = 60
  memory                = 8

  timeouts = {
    create = "45m"
  }
}

data "xelon_kubernetes_cluster" "this" {
  kubernetes_cluster_id = xelon_kubernetes_cluster.this.id
}

# The least that a cluster and a pool need.
resource "xelon_kubernetes_cluster" "default" {
  name               = "default"
  cloud_id           = data.xelon_cloud.main.id
  tenant_id          = data.xelon_tenant.this.id
  kubernetes_version = data.xelon_kubernetes_cluster_versions.this.versions[0].kubernetes_versions[0]
  talos_version      = data.xelon_kubernetes_cluster_versions.this.versions[0].talos_version
}

resource "xelon_kubernetes_node_pool" "default" {
  kubernetes_cluster_id = xelon_kubernetes_cluster.default.id
  name                  = "default"
}

resource "xelon_dns_zone" "this" {
  name = "staging.example"
}

resource "xelon_dns_record" "apex" {
  zone_id = xelon_dns_zone.this.id
  name    = "@"
  type    = "A"
  content = xelon_firewall.edge.external_ipv4_address
  ttl     = 3600
}

resource "xelon_dns_record" "spf" {
  zone_id = xelon_dns_zone.this.id
  name    = "@"
  type    = "TXT"
  content = "v=spf1 -all"
  ttl     = 3600
}

resource "xelon_dns_record" "others" {
  for_each = {
    AAAA  = ["six", "2001:db8::1"]
    ALIAS = ["alias", "www.example.net"]
    CNAME = ["www", "staging.example"]
    NS    = ["sub", "ns1.example.net"]
    PTR   = ["ptr", "host.staging.example"]
  }
  zone_id = xelon_dns_zone.this.id
  name    = each.value[0]
  type    = each.key
  content = each.value[1]
  ttl     = 60
}

resource "xelon_dns_soa" "this" {
  zone_id            = xelon_dns_zone.this.id
  primary_nameserver = "ns1.xdns.cloud"
  admin_email        = "support@cloudns.net"
  refresh            = 7200
  retry              = 1800
  expire             = 1209600
  ttl                = 3600
}

resource "xelon_object_storage_user" "app" {
  name          = "app"
  region        = "zh1"
  storage_limit = 500
}

resource "xelon_object_storage_access_key" "app" {
  user_id = xelon_object_storage_user.app.id
}

resource "xelon_object_storage_bucket" "locked" {
  name                       = "locked"
  user_id                    = xelon_object_storage_user.app.id
  versioning_enabled         = true
  object_lock_enabled        = true
  object_lock_retention_days = 30
}

resource "xelon_object_storage_user" "full" {
  name          = "full"
  region        = "ch1"
  storage_limit = 100
  tenant_id     = data.xelon_tenant.this.id
}

resource "xelon_object_storage_bucket" "plain" {
  name    = "plain"
  user_id = xelon_object_storage_user.full.id
}

resource "xelon_tenant_user" "bob" {
  tenant_id   = data.xelon_tenant.this.id
  email       = "bob@example.com"
  first_name  = "Bob"
  last_name   = "Example"
  password    = "S3cret!pass"
  roles       = []
  permissions = []
}

resource "xelon_tenant_user" "ann" {
  tenant_id               = data.xelon_tenant.this.id
  email                   = "ann@example.com"
  first_name              = "Ann"
  last_name               = "Example"
  password                = "S3cret!pass"
  roles                   = ["hq_organization_admin"]
  permissions             = ["allow_view_virtual_machines"]
  require_password_change = true
  send_welcome_email      = true
}

# By id or by name, what exists by now.

data "xelon_cloud" "again" {
  id   = data.xelon_cloud.main.id
  name = data.xelon_cloud.main.name
}

data "xelon_tenant" "by_name" {
  name = data.xelon_tenant.this.name
}

data "xelon_template" "by_id" {
  id = data.xelon_template.ubuntu.id
}

data "xelon_firewall" "edge" {
  id = xelon_firewall.edge.id
}

data "xelon_iso" "tools" {
  id = xelon_iso.tools.id
}

data "xelon_load_balancer" "front" {
  id = xelon_load_balancer.front.id
}

data "xelon_network" "lan" {
  id   = xelon_network.lan.id
  name = xelon_network.lan.name
}

data "xelon_persistent_storage" "data" {
  id = xelon_persistent_storage.data.id
}

data "xelon_ssh_key" "admin" {
  id = xelon_ssh_key.admin.id
}

output "addresses" {
  value = {
    app      = tolist(xelon_device.app.networks)[0].ipv4_address
    firewall = xelon_firewall.edge.external_ipv4_address
    balancer = data.xelon_load_balancer.front.external_ipv4_address
  }
}

output "clouds_of_the_lan" {
  value = [for c in data.xelon_network.lan.clouds : c.name]
}

output "control_plane" {
  value = xelon_kubernetes_cluster.this.control_plane
}

output "kubeconfig" {
  value     = data.xelon_kubernetes_cluster.this.kubeconfig_raw
  sensitive = true
}

output "secret_access_key" {
  value     = xelon_object_storage_access_key.app.secret_access_key
  sensitive = true
}
