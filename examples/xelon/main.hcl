# One of everything that Xelon HQ has: networks, devices and what belongs to them.

resource "xelon_network" "lan" {
  type          = "LAN"
  name          = "${var.name}-lan"
  cloud_id      = data.xelon_cloud.main.id
  tenant_id     = data.xelon_tenant.current.id
  network       = "10.0.0.0"
  subnet_size   = 24
  network_speed = var.network_speed
  gateway       = "10.0.0.1"
  dns_primary   = "10.0.0.2"
}

resource "xelon_network" "wan" {
  type          = "WAN"
  name          = "${var.name}-wan"
  cloud_id      = data.xelon_cloud.main.id
  subnet_size   = 28
  network_speed = 1000
}

resource "xelon_network_share" "customer" {
  network_id = xelon_network.lan.id
  cloud_id   = data.xelon_cloud.main.id
  tenant_id  = data.xelon_tenant.customer.id
}

resource "xelon_ssh_key" "me" {
  name       = "${var.name}-me"
  public_key = var.public_key
}

resource "xelon_device" "web" {
  display_name   = "${var.name}-web"
  hostname       = var.hostname
  template_id    = data.xelon_template.linux.id
  tenant_id      = data.xelon_tenant.current.id
  cpu_core_count = 2
  memory         = var.memory
  disk_size      = var.disk_size
  swap_disk_size = 1
  password       = var.password
  ssh_key_ids    = [xelon_ssh_key.me.id]
  networks       = [{ id = xelon_network.lan.id, connected = true }]

  timeouts {
    create = "20m"
  }
}

resource "xelon_device_disk" "data" {
  device_id = xelon_device.web.id
  size      = 10
}

resource "xelon_device_backup" "web" {
  device_id      = xelon_device.web.id
  backup_plan_id = data.xelon_backup_plan.chosen.id
}

resource "xelon_persistent_storage" "shared" {
  name      = "${var.name}-shared"
  size      = var.storage_size
  cloud_id  = data.xelon_cloud.main.id
  device_id = xelon_device.web.id
}

resource "xelon_template" "golden" {
  name        = "${var.name}-golden"
  description = "Made from ${xelon_device.web.display_name}"
  device_id   = xelon_device.web.id
  tenant_id   = data.xelon_tenant.current.id
}

resource "xelon_iso" "fetched" {
  name        = "${var.name}-tools"
  category_id = 7
  cloud_id    = data.xelon_cloud.main.id
  url         = "https://mirror.example/tools.iso"
}

resource "xelon_iso" "uploaded" {
  name           = "${var.name}-seed"
  category_id    = 6
  cloud_id       = data.xelon_cloud.main.id
  content_base64 = base64encode("a very small image")
}

resource "xelon_firewall" "edge" {
  name                = "${var.name}-edge"
  cloud_id            = data.xelon_cloud.main.id
  tenant_id           = data.xelon_tenant.current.id
  internal_network_id = xelon_network.lan.id
  external_network_id = xelon_network.wan.id
}

resource "xelon_firewall_forwarding_rule" "https" {
  firewall_id                = xelon_firewall.edge.id
  type                       = "inbound"
  protocol                   = "tcp"
  from_port                  = 443
  to_port                    = var.port
  source_ipv4_addresses      = ["0.0.0.0/0"]
  destination_ipv4_addresses = [one(xelon_device.web.networks).ipv4_address]
}

resource "xelon_load_balancer" "front" {
  name       = "${var.name}-front"
  type       = "layer4"
  cloud_id   = data.xelon_cloud.main.id
  tenant_id  = data.xelon_tenant.current.id
  network_id = xelon_network.lan.id
  device_ids = [xelon_device.web.id]
}

resource "xelon_load_balancer_forwarding_rule" "http" {
  load_balancer_id = xelon_load_balancer.front.id
  ipv4_addresses   = [one(xelon_device.web.networks).ipv4_address]
  from_port        = 80
  to_port          = var.port
}
