resource "terraform_data" "z" {
  count = 2
}
moved {
  from = module.b[0].terraform_data.s
  to   = terraform_data.z[0]
}
