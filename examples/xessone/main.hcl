# One of everything that XessOne has: a machine, a mailbox, a bucket and DNS records.

resource "xessone_vps" "shop" {
  label    = var.label
  hostname = "${var.label}.${var.domain}"
  region   = "fra"
  plan     = "edge-1"
  image    = var.image
  ssh_keys = [var.public_key]

  user_data = <<-EOT
    #cloud-config
    packages: [nginx]
  EOT

  timeouts {
    create = "10m"
  }

  lifecycle {
    # A machine learns its new host name when it restarts.
    action_trigger {
      events  = [after_update]
      actions = [action.xessone_vps_restart.shop]
    }
  }
}

# A mailbox cannot be changed but for its password: replacing it loses the mail, so that
# it is better protected.
resource "xessone_email_account" "info" {
  address  = "info@${data.xessone_dns_zone.own.domain}"
  password = var.mail_password
  quota_mb = 2048
}

resource "xessone_bucket" "media" {
  name   = var.bucket
  region = "fra"
}

# Zones are made in the dashboard; the API has their records.
data "xessone_dns_zone" "own" {
  domain = var.domain
}

resource "xessone_dns_record" "www" {
  zone  = data.xessone_dns_zone.own.domain
  type  = "A"
  name  = "www"
  value = xessone_vps.shop.ipv4
  ttl   = var.ttl
}

resource "xessone_dns_record" "mail" {
  zone     = data.xessone_dns_zone.own.domain
  type     = "MX"
  name     = "@"
  value    = "mx.${data.xessone_dns_zone.own.domain}"
  priority = 10
}

resource "xessone_dns_record" "spf" {
  zone  = data.xessone_dns_zone.own.domain
  type  = "TXT"
  name  = "@"
  value = "v=spf1 mx -all"
}
