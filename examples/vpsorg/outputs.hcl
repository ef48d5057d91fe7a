# What can be ordered, and what else can be read. What depends on an object is read after it.

data "vpsorg_account" "me" {}

data "vpsorg_plans" "all" {}

data "vpsorg_plan" "chosen" {
  slug = var.plan
}

data "vpsorg_locations" "all" {}

data "vpsorg_operating_systems" "all" {}

locals {
  location = one([for l in data.vpsorg_locations.all.locations : l if l.slug == "eu-central"])
  versions = flatten(data.vpsorg_operating_systems.all.operating_systems[*].versions)
  version  = one([for v in local.versions : v if v.name == var.system])
}

data "vpsorg_server" "api" {
  hostname   = vpsorg_server.api.hostname
  depends_on = [vpsorg_server.api]
}

data "vpsorg_servers" "all" {
  location   = "eu-central"
  depends_on = [vpsorg_server.api]
}

data "vpsorg_ssh_keys" "all" {
  depends_on = [vpsorg_ssh_key.me]
}

data "vpsorg_snapshots" "api" {
  server_id  = vpsorg_server.api.number
  depends_on = [vpsorg_snapshot.before_upgrade]
}

data "vpsorg_backups" "api" {
  server_id  = vpsorg_server.api.number
  depends_on = [vpsorg_server.api]
}

data "vpsorg_domains" "all" {}

data "vpsorg_domain" "own" {
  domain_name = vpsorg_domain.own.domain_name
  depends_on  = [vpsorg_domain.own]
}

data "vpsorg_domain_search" "more" {
  domain = "shop.${var.domain}"
}

data "vpsorg_dns_zones" "all" {
  depends_on = [vpsorg_dns_zone.own]
}

data "vpsorg_dns_zone" "own" {
  domain     = vpsorg_dns_zone.own.domain
  depends_on = [vpsorg_dns_record.api, vpsorg_dns_record.mail, vpsorg_dns_record.spf]
}

data "vpsorg_billing" "all" {}

output "api" {
  description = "The server."
  value = {
    address   = data.vpsorg_server.api.ip_address
    system    = vpsorg_server.api.os_name
    memory    = "${data.vpsorg_plan.chosen.memory} MB"
    snapshots = data.vpsorg_snapshots.api.snapshots[*].name
    backed_up = length(data.vpsorg_backups.api.backups) > 0
  }
}

output "password" {
  description = "The password that was told once, after creation."
  value       = vpsorg_server.api.password
  sensitive   = true
}

output "account" {
  description = "What the account has."
  value = {
    email    = data.vpsorg_account.me.account.email
    allowed  = data.vpsorg_account.me.token.permissions
    servers  = data.vpsorg_servers.all.servers[*].hostname
    keys     = data.vpsorg_ssh_keys.all.ssh_keys[*].fingerprint
    domains  = data.vpsorg_domains.all.domains[*].domain_name
    expires  = data.vpsorg_domain.own.expiration_date
    zones    = data.vpsorg_dns_zones.all.zones[*].domain
    records  = sort([for r in data.vpsorg_dns_zone.own.records : "${r.name} ${r.record_type} ${r.value}"])
    invoices = length(data.vpsorg_billing.all.invoices)
    prices   = { for p in data.vpsorg_plans.all.plans : p.slug => p.price_monthly }
    another  = data.vpsorg_domain_search.more.available ? "${data.vpsorg_domain_search.more.price} ${data.vpsorg_domain_search.more.currency}" : "taken"
  }
}
