resource "terraform_data" "b" {
  for_each = { z = 1, y = 2, x = 3 }
  input    = each.value
}
moved {
  from = terraform_data.a
  to   = terraform_data.b
}
moved {
  from = terraform_data.b["z"]
  to   = terraform_data.b["w"]
}
