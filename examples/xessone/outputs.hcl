# What else can be read. What depends on an object is read after it.

data "xessone_vps" "by_label" {
  label      = xessone_vps.shop.label
  depends_on = [xessone_vps.shop]
}

data "xessone_vps_list" "all" {
  depends_on = [xessone_vps.shop]
}

data "xessone_email_accounts" "all" {
  depends_on = [xessone_email_account.info]
}

data "xessone_email_activity" "week" {
  days       = 7
  depends_on = [xessone_email_account.info]
}

data "xessone_storage_usage" "now" {
  depends_on = [xessone_bucket.media]
}

data "xessone_buckets" "all" {
  depends_on = [xessone_bucket.media]
}

data "xessone_dns_zones" "all" {}

data "xessone_dns_records" "all" {
  zone       = data.xessone_dns_zone.own.domain
  depends_on = [xessone_dns_record.www, xessone_dns_record.mail, xessone_dns_record.spf]
}

output "shop" {
  description = "Where the machine is."
  value       = "${data.xessone_vps.by_label.hostname} in ${xessone_vps.shop.region}: ${xessone_vps.shop.ipv4}, ${xessone_vps.shop.ipv6}"
}

output "account" {
  description = "What the account has."
  value = {
    machines  = [for v in data.xessone_vps_list.all.vps : v.label]
    mailboxes = { for a in data.xessone_email_accounts.all.accounts : a.address => a.quota_mb }
    mails     = data.xessone_email_activity.week.total_received
    buckets   = { for b in data.xessone_buckets.all.buckets : b.name => b.endpoint }
    storage   = "${data.xessone_storage_usage.now.used_bytes} of ${data.xessone_storage_usage.now.quota_bytes} bytes"
    zones     = { for z in data.xessone_dns_zones.all.zones : z.domain => z.nameservers }
    records   = sort([for r in data.xessone_dns_records.all.records : "${r.name} ${r.type} ${r.value}"])
  }
}
