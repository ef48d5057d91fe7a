resource "terraform_data" "a" {
  count = 2
  input = ["x", "y"][count.index]
}
moved {
  from = terraform_data.a["x"]
  to   = terraform_data.a[0]
}
moved {
  from = terraform_data.a["y"]
  to   = terraform_data.a[1]
}
