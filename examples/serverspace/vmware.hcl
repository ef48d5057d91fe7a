# The VMware Cloud section, which has locations, images, servers and networks of its own.

locals {
  there  = one([for l in data.serverspace_vmware_locations.all.locations : l.id if l.tech_title == "am2"])
  ubuntu = data.serverspace_vmware_images.ubuntu.images[0].id
}

resource "serverspace_vmware_network" "routed" {
  type           = "routed"
  location_id    = local.there
  name           = var.network_name
  address        = "10.20.0.0"
  mask           = 24
  bandwidth_mbps = var.bandwidth
}

resource "serverspace_vmware_network" "isolated" {
  type        = "isolated"
  location_id = local.there
  name        = "inside"
  address     = "10.21.0.0"
}

resource "serverspace_vmware_network" "public" {
  type        = "public"
  location_id = local.there
  name        = "outside"
  capacity    = "Network29"
}

resource "serverspace_vmware_server" "big" {
  name                   = "big"
  location_id            = local.there
  image_id               = local.ubuntu
  cpu                    = var.cpu
  ram_mb                 = 4096
  system_disk_mb         = 51200
  computer_name          = "big-1"
  network_bandwidth_mbps = var.bandwidth
}

resource "serverspace_vmware_server_volume" "data" {
  server_id = serverspace_vmware_server.big.id
  name      = "data"
  disk_type = "SATA"
  size_mb   = var.data_size
}

resource "serverspace_vmware_server_public_interface" "six" {
  server_id      = serverspace_vmware_server.big.id
  bandwidth_mbps = 50
  is_ipv6        = true
}

resource "serverspace_vmware_server_network_attachment" "inside" {
  server_id  = serverspace_vmware_server.big.id
  network_id = serverspace_vmware_network.isolated.id
  ip         = "10.21.0.9"
}

resource "serverspace_vmware_server_firewall" "big" {
  server_id = serverspace_vmware_server.big.id

  rule {
    name              = "web"
    traffic_direction = "Incoming"
    action            = "Allow"
    protocol          = "Tcp"
    destination_port  = var.port
  }
}

resource "serverspace_vmware_server_snapshot" "big" {
  server_id = serverspace_vmware_server.big.id
  name      = var.snapshot

  depends_on = [
    serverspace_vmware_server_volume.data,
    serverspace_vmware_server_public_interface.six,
    serverspace_vmware_server_network_attachment.inside,
  ]
}

resource "serverspace_vmware_edge_firewall" "routed" {
  network_id     = serverspace_vmware_network.routed.id
  default_action = "deny"

  rule {
    name             = "web"
    action           = "Allow"
    protocol         = "Tcp"
    destination_port = var.port
  }
}

resource "serverspace_vmware_edge_nat_rule" "web" {
  network_id      = serverspace_vmware_network.routed.id
  type            = "DNAT"
  protocol        = "Tcp"
  original_port   = var.port
  translated_ip   = "10.20.0.5"
  translated_port = "443"
}

resource "serverspace_vmware_edge_nat_rule" "out" {
  network_id    = serverspace_vmware_network.routed.id
  type          = "SNAT"
  protocol      = "Any"
  original_ip   = "10.20.0.0/24"
  translated_ip = serverspace_vmware_network.routed.edge_external_ip
}

resource "serverspace_vmware_edge_vpn_tunnel" "home" {
  network_id           = serverspace_vmware_network.routed.id
  name                 = "home"
  mtu                  = var.mtu
  encryption_type      = "aes256"
  diffie_hellman_group = "dh14"
  shared_key           = var.shared_key
  peer_network         = "10.99.0.0/24"
  peer_endpoint        = "198.51.100.7"
  peer_identificator   = "198.51.100.7"
}
