# What can be ordered, and what else can be read. What depends on an object is read after it.

data "serverspace_project" "mine" {}

data "serverspace_locations" "all" {
  sort {
    key = "name"
  }
}

data "serverspace_images" "ubuntu" {
  location = var.location

  filter {
    key    = "type"
    values = ["ubuntu"]
  }
  sort {
    key       = "os_version"
    direction = "desc"
  }
}

data "serverspace_applications" "here" {
  location = var.location
}

data "serverspace_server_price" "web" {
  location         = var.location
  image            = var.image
  cpu              = var.cpu
  ram              = 2048
  boot_volume_size = var.boot_volume_size
  volume_sizes     = [10240]
  bandwidths       = [50]
}

data "serverspace_backup_storages" "here" {
  location = var.location
}

data "serverspace_server" "web" {
  id = serverspace_server.web.id
}

data "serverspace_servers" "databases" {
  filter {
    key      = "name"
    values   = ["^db"]
    match_by = "re"
  }
  depends_on = [serverspace_server.db]
}

data "serverspace_network" "lan" {
  id = serverspace_isolated_network.lan.id
}

data "serverspace_networks" "all" {
  depends_on = [serverspace_isolated_network.lan]
}

data "serverspace_ssh_key" "me" {
  id = serverspace_ssh.me.id
}

data "serverspace_ssh_keys" "all" {
  depends_on = [serverspace_ssh.me]
}

data "serverspace_snapshots" "web" {
  server_id  = serverspace_server.web.id
  depends_on = [serverspace_snapshot.before_upgrade]
}

data "serverspace_restore_points" "db" {
  server_id  = serverspace_server.db.id
  depends_on = [serverspace_server_backup.db]
}

data "serverspace_affinity_group" "apart" {
  id = serverspace_affinity_group.apart.id
}

data "serverspace_affinity_groups" "all" {
  depends_on = [serverspace_affinity_group.apart]
}

data "serverspace_gateway" "edge" {
  id = serverspace_gateway.edge.id
}

data "serverspace_gateways" "all" {
  depends_on = [serverspace_gateway.edge]
}

data "serverspace_domain" "own" {
  name       = serverspace_domain.own.name
  depends_on = [serverspace_domain.own]
}

data "serverspace_domains" "all" {
  depends_on = [serverspace_domain.own]
}

data "serverspace_domain_record" "web" {
  domain = serverspace_domain_record.web.domain
  id     = serverspace_domain_record.web.id
}

data "serverspace_domain_records" "addresses" {
  domain = serverspace_domain.own.name

  filter {
    key    = "type"
    values = ["A", "AAAA"]
  }
  depends_on = [serverspace_domain_record.web]
}

data "serverspace_kubernetes_versions" "all" {}

data "serverspace_kubernetes_clusters" "all" {
  depends_on = [serverspace_kubernetes_cluster.apps]
}

data "serverspace_vmware_locations" "all" {}

data "serverspace_vmware_images" "ubuntu" {
  location_id = local.there
  gpu         = "unsupported"

  filter {
    key      = "name"
    values   = ["Ubuntu"]
    match_by = "substring"
  }
}

data "serverspace_vmware_gpu_models" "all" {}

data "serverspace_vmware_server" "big" {
  id = serverspace_vmware_server.big.id
}

data "serverspace_vmware_servers" "all" {
  depends_on = [serverspace_vmware_server.big]
}

data "serverspace_vmware_network" "routed" {
  id = serverspace_vmware_network.routed.id
}

data "serverspace_vmware_networks" "all" {
  depends_on = [serverspace_vmware_network.routed]
}

output "project" {
  value = "${data.serverspace_project.mine.id} (${data.serverspace_project.mine.currency})"
}

output "locations" {
  value = data.serverspace_locations.all.locations[*].name
}

output "newest_ubuntu" {
  value = data.serverspace_images.ubuntu.images[0].id
}

output "price" {
  value = data.serverspace_server_price.web.price
}

output "addresses" {
  value = {
    web  = serverspace_server.web.public_ip_addresses[0]
    db   = serverspace_server_public_interface.db.ip_address
    edge = serverspace_gateway.edge.public_ip
    big  = serverspace_vmware_network.routed.edge_external_ip
  }
}

output "databases" {
  value = data.serverspace_servers.databases.servers[*].name
}

output "name_servers" {
  value = "${length(data.serverspace_domain_records.addresses.records)} address in ${data.serverspace_domain.own.name}"
}
