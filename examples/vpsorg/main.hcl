# One of everything that VPS.org has: a server with its key and a snapshot, a DNS zone with
# records, and a domain that the account has already.

resource "vpsorg_ssh_key" "me" {
  name       = "me"
  public_key = var.public_key
}

resource "vpsorg_server" "api" {
  hostname    = "${var.name}.${var.domain}"
  location    = local.location.id
  plan        = data.vpsorg_plan.chosen.id
  os_version  = local.version.uuid
  ssh_keys    = [vpsorg_ssh_key.me.id]
  power_state = var.power_state

  timeouts {
    create = "15m"
    update = "10m"
  }

  lifecycle {
    # Before anything is changed about the server, it is backed up.
    action_trigger {
      events  = [before_update]
      actions = [action.vpsorg_server_backup.api]
    }
  }
}

resource "vpsorg_snapshot" "before_upgrade" {
  server_id   = vpsorg_server.api.number
  name        = var.snapshot
  description = "Before the upgrade"
}

# The account has this domain: it is adopted, and forgotten when this is destroyed.
resource "vpsorg_domain" "own" {
  domain_name        = var.domain
  nameservers        = ["ns1.vps.org", "ns2.vps.org"]
  auto_renew         = true
  locked             = true
  privacy_protection = true
}

resource "vpsorg_dns_zone" "own" {
  domain = vpsorg_domain.own.domain_name
}

resource "vpsorg_dns_record" "api" {
  zone        = vpsorg_dns_zone.own.id
  record_type = "A"
  name        = var.name
  value       = vpsorg_server.api.ip_address
  ttl         = var.ttl
}

resource "vpsorg_dns_record" "mail" {
  zone        = vpsorg_dns_zone.own.id
  record_type = "MX"
  name        = "@"
  value       = "mx.${var.domain}"
  priority    = var.mail_priority
}

resource "vpsorg_dns_record" "spf" {
  zone        = vpsorg_dns_zone.own.id
  record_type = "TXT"
  name        = "@"
  value       = "v=spf1 mx -all"
}
