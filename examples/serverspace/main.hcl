# One of everything that Serverspace has. Names of types and arguments are those of the vendor's
# own provider, so that a configuration that was written for it runs as it is.

terraform {
  required_providers {
    serverspace = {
      source = "itglobalcom/serverspace"
    }
  }
}

resource "serverspace_ssh" "me" {
  name       = "me"
  public_key = var.public_key
}

resource "serverspace_isolated_network" "lan" {
  name           = "lan"
  description    = var.description
  location       = var.location
  network_prefix = "10.9.0.0"
  mask           = 24
  tags           = var.tags
}

# With its volumes and interfaces inside, as the vendor's provider has them.
resource "serverspace_server" "web" {
  name             = var.name
  image            = var.image
  location         = var.location
  cpu              = var.cpu
  ram              = 2048
  boot_volume_size = var.boot_volume_size
  ssh_keys         = [serverspace_ssh.me.id]
  tags             = var.tags

  volume {
    name = "logs"
    size = 10240
  }

  nic {
    network      = ""
    network_type = "PublicShared"
    bandwidth    = 50
  }

  timeouts {
    create = "30m"
  }
}

resource "serverspace_snapshot" "before_upgrade" {
  server_id = serverspace_server.web.id
  name      = var.snapshot
}

# With volumes and interfaces that are resources of their own.
resource "serverspace_affinity_group" "apart" {
  name     = "apart"
  location = var.location
  affinity = false
}

resource "serverspace_server" "db" {
  name              = "db"
  image             = "Debian-12-X64"
  location          = var.location
  cpu               = 1
  ram               = 1024
  boot_volume_size  = 30720
  affinity_group_id = serverspace_affinity_group.apart.id
  manage_volumes    = false
  manage_nics       = false
}

resource "serverspace_server_volume" "data" {
  server_id = serverspace_server.db.id
  name      = "data"
  size      = var.data_size
}

resource "serverspace_server_public_interface" "db" {
  server_id      = serverspace_server.db.id
  bandwidth_mbps = var.bandwidth
}

resource "serverspace_server_network_attachment" "db" {
  server_id  = serverspace_server.db.id
  network_id = serverspace_isolated_network.lan.id
  ip_address = var.db_address
}

resource "serverspace_server_backup" "db" {
  server_id = serverspace_server.db.id
  hour      = var.backup_hour
  minute    = 30

  daily {
    keep              = 7
    backup_storage_id = data.serverspace_backup_storages.here.storages[0].id
  }
}

resource "serverspace_gateway" "edge" {
  name        = "edge"
  location    = var.location
  bandwidth   = var.bandwidth
  network_ids = [serverspace_isolated_network.lan.id]
  tags        = var.tags

  # The last rule that matches counts.
  firewall_rule {
    action      = "Deny"
    direction   = "In"
    protocol    = "IP"
    source      = "0.0.0.0/0"
    destination = "0.0.0.0/0"
  }
  firewall_rule {
    action           = "Allow"
    direction        = "In"
    protocol         = "TCP"
    source           = "0.0.0.0/0"
    destination      = var.db_address
    destination_port = 5432
  }
}

resource "serverspace_domain" "own" {
  name = "example.com."
}

resource "serverspace_domain_record" "web" {
  domain = serverspace_domain.own.name
  name   = "www.example.com."
  type   = "A"
  ip     = serverspace_server.web.public_ip_addresses[0]
  ttl    = var.ttl
}

resource "serverspace_domain_record" "mail" {
  domain    = serverspace_domain.own.name
  name      = "example.com."
  type      = "MX"
  mail_host = "mx.example.com."
  priority  = var.mail_priority
  ttl       = "1h"
}

resource "serverspace_domain_record" "sip" {
  domain   = serverspace_domain.own.name
  name     = "example.com."
  type     = "SRV"
  service  = "sip"
  protocol = "tcp"
  priority = 0
  weight   = 5
  port     = 5060
  target   = "sip.example.com."
  ttl      = "1h"
}

resource "serverspace_domain_record" "spf" {
  domain = serverspace_domain.own.name
  name   = "example.com."
  type   = "TXT"
  text   = "v=spf1 mx -all"
  ttl    = "1h"
}

resource "serverspace_kubernetes_cluster" "apps" {
  name     = "apps"
  location = var.location
  version  = var.kubernetes_version

  node_group {
    name            = "web"
    cpu_per_node    = 2
    ram_per_node    = 4096
    number_of_nodes = var.nodes
  }
}
