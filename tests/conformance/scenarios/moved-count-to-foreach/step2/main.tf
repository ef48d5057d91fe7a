resource "terraform_data" "a" { 
  for_each = { z = 0, o = 1 }
  input = each.value
}
moved {
  from = terraform_data.a[0]
  to = terraform_data.a["z"]
}
moved {
  from = terraform_data.a[1]
  to = terraform_data.a["o"]
}
