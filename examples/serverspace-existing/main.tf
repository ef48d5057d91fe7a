# A configuration as it was written for the vendor's own provider, unchanged: its types, its
# arguments, its data sources with filter and sort.

terraform {
  required_providers {
    serverspace = {
      source  = "itglobalcom/serverspace"
      version = "~> 0.3.1"
    }
  }
}

provider "serverspace" {}

resource "serverspace_ssh" "terraform" {
  name       = "terraform-key"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@example.com"
}

resource "serverspace_ssh" "block" {
  name       = "ssh2-key"
  public_key = <<-EOT
    ---- BEGIN SSH2 PUBLIC KEY ----
    Comment: "me@example.com"
    AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBh
    IHRl
    ---- END SSH2 PUBLIC KEY ----
  EOT
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

  volume {
    name = "two"
    size = 10 * 1024
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

# The least that a server needs.
resource "serverspace_server" "vm2" {
  name             = "vm2"
  image            = "Debian-12-X64"
  location         = "am2"
  cpu              = 2
  ram              = 2048
  boot_volume_size = 30 * 1024

  nic {
    network      = ""
    network_type = "PublicShared"
    bandwidth    = 60
  }
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

resource "serverspace_domain_record" "aaaa" {
  domain = serverspace_domain.zone.name
  name   = "www.terraform.example."
  type   = "AAAA"
  ip     = "2001:db8::1"
  ttl    = "1h"
}

resource "serverspace_domain_record" "mx" {
  domain    = serverspace_domain.zone.name
  name      = "terraform.example."
  type      = "MX"
  mail_host = "mail.terraform.example."
  priority  = 0
}

resource "serverspace_domain_record" "cname" {
  domain         = serverspace_domain.zone.name
  name           = "alias.terraform.example."
  type           = "CNAME"
  canonical_name = "www.terraform.example."
  priority       = -1
}

resource "serverspace_domain_record" "ns" {
  domain           = serverspace_domain.zone.name
  name             = "sub.terraform.example."
  type             = "NS"
  name_server_host = "ns1.example.net."
}

resource "serverspace_domain_record" "txt" {
  domain = serverspace_domain.zone.name
  name   = "terraform.example."
  type   = "TXT"
  text   = "v=spf1 -all"
  ttl    = "1d"
}

resource "serverspace_domain_record" "srv" {
  domain   = serverspace_domain.zone.name
  name     = "terraform.example."
  type     = "SRV"
  service  = "sip"
  protocol = "tcp"
  target   = "www.terraform.example."
  priority = 0
  weight   = 5
  port     = 5060
  ttl      = "1h"
}

data "serverspace_locations" "all" {
  sort {
    key = "name"
  }
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

data "serverspace_networks" "all" {
  filter {
    key      = "name"
    values   = ["^my_"]
    match_by = "re"
  }
  depends_on = [serverspace_isolated_network.my_net]
}

data "serverspace_ssh_keys" "all" {
  sort {
    key       = "name"
    direction = "desc"
  }
  depends_on = [serverspace_ssh.terraform, serverspace_ssh.block]
}

data "serverspace_domains" "all" {
  depends_on = [serverspace_domain.zone]
}

data "serverspace_domain_records" "mail" {
  domain = serverspace_domain.zone.name
  filter {
    key    = "type"
    values = ["mx", "txt"]
  }
  sort {
    key = "type"
  }
  depends_on = [serverspace_domain_record.mx, serverspace_domain_record.txt]
}

data "serverspace_server" "vm1" {
  id = serverspace_server.vm1.id
}

data "serverspace_network" "my_net" {
  id = serverspace_isolated_network.my_net.id
}

data "serverspace_ssh_key" "terraform" {
  id = serverspace_ssh.terraform.id
}

data "serverspace_domain" "zone" {
  name       = serverspace_domain.zone.name
  depends_on = [serverspace_domain.zone]
}

data "serverspace_domain_record" "srv" {
  domain = serverspace_domain.zone.name
  id     = serverspace_domain_record.srv.id
}

output "addresses" {
  value = serverspace_server.vm1.public_ip_addresses
}

output "interfaces" {
  value = [for n in serverspace_server.vm1.nic : { id = n.id, address = n.ip_address }]
}

output "volumes" {
  value = concat([serverspace_server.vm1.boot_volume_id], serverspace_server.vm1.volume[*].id)
}

output "memory" {
  value = { for s in data.serverspace_servers.mine.servers : s.name => s.ram }
}

output "server" {
  value = {
    name  = data.serverspace_server.vm1.name
    place = "${data.serverspace_server.vm1.location}, ${data.serverspace_server.vm1.cpu} CPU, ${data.serverspace_server.vm1.ram} MB"
    boot  = data.serverspace_server.vm1.boot_volume_size
    keys  = data.serverspace_server.vm1.ssh_keys
    nets  = [for n in data.serverspace_server.vm1.nics : n.network_type]
    tags  = data.serverspace_server.vm1.tags
  }
}

output "network" {
  value = "${data.serverspace_network.my_net.network_prefix}/${data.serverspace_network.my_net.mask} ${data.serverspace_network.my_net.description}"
}

output "others" {
  value = {
    locations = data.serverspace_locations.all.locations[*].name
    images    = data.serverspace_images.ubuntu.images[*].os_version
    networks  = data.serverspace_networks.all.networks[*].name
    keys      = data.serverspace_ssh_keys.all.ssh_keys[*].name
    key       = data.serverspace_ssh_key.terraform.public_key
    domains   = data.serverspace_domains.all.domains[*].name
    delegated = data.serverspace_domain.zone.is_delegated
    mail      = data.serverspace_domain_records.mail.records[*].type
    srv       = "${data.serverspace_domain_record.srv.service} ${data.serverspace_domain_record.srv.port} ${data.serverspace_domain_record.srv.target}"
  }
}
