# A configuration as it was written for the vendor's own provider, unchanged: its types, its
# arguments, its data sources with filter and sort.

terraform {
  required_providers {
    serverspace = {
      source = "itglobalcom/serverspace"
    }
  }
}

resource "serverspace_ssh" "terraform" {
  name       = "terraform-key"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@example.com"
}

resource "serverspace_isolated_network" "my_net" {
  name           = "my_net"
  description    = "Example of a network"
  location       = "am2"
  network_prefix = "192.168.0.0"
  mask           = 24
}

resource "serverspace_server" "vm1" {
  name             = "vm1"
  image            = "Ubuntu-20.04-X64"
  location         = "am2"
  cpu              = 1
  ram              = 1024
  boot_volume_size = 40 * 1024

  volume {
    name = "one"
    size = 20 * 1024
  }

  nic {
    network      = ""
    network_type = "PublicShared"
    bandwidth    = 50
  }

  nic {
    network      = serverspace_isolated_network.my_net.id
    network_type = "Isolated"
    bandwidth    = 0
  }

  ssh_keys = [
    resource.serverspace_ssh.terraform.id,
  ]
}

resource "serverspace_domain" "zone" {
  name            = "terraform.example."
  migrate_records = false
}

resource "serverspace_domain_record" "a" {
  domain = serverspace_domain.zone.name
  name   = "www.terraform.example."
  type   = "A"
  ip     = serverspace_server.vm1.public_ip_addresses[0]
  ttl    = "30m"
}

data "serverspace_images" "ubuntu" {
  filter {
    key      = "os_version"
    values   = ["20.04", "22.04"]
    match_by = "exact"
    all      = false
  }
  sort {
    key       = "os_version"
    direction = "asc"
  }
}

data "serverspace_servers" "mine" {
  filter {
    key      = "name"
    values   = ["vm"]
    match_by = "substring"
  }
  depends_on = [serverspace_server.vm1]
}

output "addresses" {
  value = serverspace_server.vm1.public_ip_addresses
}

output "memory" {
  value = { for s in data.serverspace_servers.mine.servers : s.name => s.ram }
}
