import {
  for_each = { a = "id-a", b = "id-b" }
  to       = module.m[each.key].terraform_data.x
  id       = each.value
}
module "m" {
  source   = "./m"
  for_each = toset(["a", "b", "c"])
  k        = each.key
}
