# One of everything that CyberPanel Cloud has: a machine and a snapshot of it.

resource "cyberpanel_vps" "app" {
  hostname      = "${var.name}.example.com"
  plan_id       = one([for p in data.cyberpanel_plans.all.plans : p.id if p.name == var.plan])
  location_code = "la"
  template_id   = one([for t in data.cyberpanel_templates.all.templates : t.id if t.name == "Debian 12"])
  root_password = var.root_password
  ssh_key       = var.public_key
  power_state   = var.power_state

  # Told when the deployment ends, and signed with the secret.
  webhook_url    = var.webhook_url
  webhook_secret = var.webhook_secret

  timeouts {
    create = "15m"
  }

  lifecycle {
    # A new machine is there before the old one goes.
    create_before_destroy = true

    precondition {
      condition     = contains([for l in data.cyberpanel_locations.all.locations : l.code if l.is_available], "la")
      error_message = "The location \"la\" takes no orders at the moment."
    }
  }
}

# The API can neither change nor delete a snapshot: it goes with its machine. Destroying it
# only forgets it, which Loam tells in a warning.
resource "cyberpanel_vps_snapshot" "before_release" {
  vps_id      = cyberpanel_vps.app.id
  name        = "before_${var.release}"
  description = "State of ${cyberpanel_vps.app.hostname} before release ${var.release}"
  include_ram = true
}
