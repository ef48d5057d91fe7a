resource "terraform_data" "a" {
  for_each = { x = 0, y = 1, z = 2 }
  input    = each.value
}
moved {
  from = terraform_data.a["w"]
  to   = terraform_data.a["x"]
}
moved {
  from = terraform_data.a["x"]
  to   = terraform_data.a["y"]
}
moved {
  from = terraform_data.a["y"]
  to   = terraform_data.a["z"]
}
