# What can be done with the machine by name, such as
#
#   loam invoke action.cyberpanel_vps_console.app

action "cyberpanel_vps_restart" "app" {
  config {
    vps_id = cyberpanel_vps.app.id
  }
}

action "cyberpanel_vps_stop" "app" {
  config {
    vps_id = cyberpanel_vps.app.id
  }
}

action "cyberpanel_vps_start" "app" {
  config {
    vps_id = cyberpanel_vps.app.id
  }
}

# Prints an address of the machine's console. Whoever has it has the console.
action "cyberpanel_vps_console" "app" {
  config {
    vps_id = cyberpanel_vps.app.id
  }
}
