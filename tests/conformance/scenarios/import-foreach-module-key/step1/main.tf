locals {
  ids = { "a" = "id-a", "b" = "id-b" }
}
module "m" {
  source   = "./m"
  for_each = local.ids
}
import {
  for_each = local.ids
  to       = module.m[each.key].terraform_data.r["k"]
  id       = each.value
}
