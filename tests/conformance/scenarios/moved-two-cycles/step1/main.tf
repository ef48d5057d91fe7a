resource "terraform_data" "d" {}
moved {
  from = terraform_data.a
  to = terraform_data.b
}
moved {
  from = terraform_data.b
  to = terraform_data.c
}
moved {
  from = terraform_data.c
  to = terraform_data.a
}
moved {
  from = terraform_data.x
  to = terraform_data.y
}
moved {
  from = terraform_data.y
  to = terraform_data.x
}
