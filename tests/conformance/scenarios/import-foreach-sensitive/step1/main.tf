import {
  for_each = sensitive({ a = "1" })
  to       = terraform_data.x[each.key]
  id       = each.value
}
resource "terraform_data" "x" {
  for_each = toset(["a"])
}
