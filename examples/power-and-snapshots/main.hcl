# What can be done with a machine besides creating it: its power state is changed in
# place, a snapshot is made of it, and an old machine goes only after its replacement
# works.

variable "power_state" {
  type    = string
  default = "running"
}

resource "cyberpanel_vps" "app" {
  hostname      = "app.example.com"
  plan_id       = 1
  location_code = "la"
  template_id   = "9010"
  root_password = "change-me-2026"
  power_state   = var.power_state

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = contains(["running", "stopped"], var.power_state)
      error_message = "A machine is either running or stopped."
    }
  }
}

resource "cyberpanel_vps_snapshot" "before_release" {
  vps_id      = cyberpanel_vps.app.id
  name        = "before_release"
  description = "State of ${cyberpanel_vps.app.hostname} before the release"
}

output "status" {
  value = cyberpanel_vps.app.status
}
