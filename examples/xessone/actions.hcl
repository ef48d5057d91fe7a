# What can be done with the machine. It happens after a change (see the action_trigger of
# the machine), or by name:
#
#   loam invoke action.xessone_vps_restart.shop

action "xessone_vps_restart" "shop" {
  config {
    vps_id = xessone_vps.shop.id
  }
}
