# Kubernetes, DNS, object storage and users.

resource "xelon_kubernetes_cluster" "apps" {
  name               = "${var.name}-apps"
  cloud_id           = data.xelon_cloud.main.id
  tenant_id          = data.xelon_tenant.current.id
  kubernetes_version = var.kubernetes_version
  talos_version      = "1.11.6"

  control_plane = {
    high_availability_enabled = var.high_availability
  }
  load_balancer = {
    high_availability_enabled = var.high_availability
  }
  timeouts = {
    create = "40m"
  }
}

resource "xelon_kubernetes_node_pool" "workers" {
  kubernetes_cluster_id = xelon_kubernetes_cluster.apps.id
  name                  = "workers"
  node_count            = var.nodes
}

resource "xelon_load_balancer_cluster" "ingress" {
  name                  = "${var.name}-ingress"
  cloud_number          = one([for c in data.xelon_legacy_clouds.all.clouds : c.number if c.name == data.xelon_cloud.main.name])
  kubernetes_cluster_id = xelon_kubernetes_cluster.apps.id
}

resource "xelon_load_balancer_cluster_forwarding_rule" "https" {
  load_balancer_cluster_id = xelon_load_balancer_cluster.ingress.id
  virtual_ip_id            = xelon_load_balancer_cluster.ingress.virtual_ips[0].id
  from_port                = 443
  to_port                  = 30443
  proxy_protocol           = 1
}

resource "xelon_dns_zone" "own" {
  name = "${var.name}.example"
}

resource "xelon_dns_record" "www" {
  zone_id = xelon_dns_zone.own.id
  name    = "www"
  type    = "A"
  content = xelon_firewall.edge.external_ipv4_address
  ttl     = var.ttl
}

resource "xelon_dns_record" "mail" {
  zone_id  = xelon_dns_zone.own.id
  name     = "@"
  type     = "MX"
  content  = "mx.${xelon_dns_zone.own.name}"
  ttl      = 3600
  priority = 10
}

resource "xelon_dns_soa" "own" {
  zone_id            = xelon_dns_zone.own.id
  primary_nameserver = "ns1.xdns.cloud"
  admin_email        = "hostmaster@${xelon_dns_zone.own.name}"
  refresh            = 7200
  retry              = 1800
  expire             = 1209600
  ttl                = var.ttl
}

resource "xelon_object_storage_user" "app" {
  name          = "${var.name}-app"
  region        = "zh1"
  storage_limit = var.storage_limit
}

resource "xelon_object_storage_access_key" "app" {
  user_id = xelon_object_storage_user.app.id
}

resource "xelon_object_storage_bucket" "media" {
  name               = "${var.name}-media"
  user_id            = xelon_object_storage_user.app.id
  versioning_enabled = true
  allowed_ips        = var.allowed_ips
}

resource "xelon_tenant_user" "ann" {
  tenant_id   = data.xelon_tenant.current.id
  email       = "ann@${var.name}.example"
  first_name  = "Ann"
  last_name   = var.last_name
  password    = var.password
  roles       = ["hq_organization_member"]
  permissions = var.permissions
}
